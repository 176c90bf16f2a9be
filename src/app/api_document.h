#pragma once
// The API document as this installation serves it.
#include <string>
#include <string_view>

#include "core/money.h"

namespace instapay::app {

/// api/openapi.yaml is written for EGP, which has two digits. This rewrites it, or its form in
/// JSON, for another currency: the code, every amount in the examples, the largest amount, and the
/// patterns of amounts. Any decimal with two digits after the point counts as an amount.
std::string document_for(std::string_view document, Currency currency);

}  // namespace instapay::app
