#pragma once
#include <string_view>

#include "core/factor.h"

namespace instapay::auth {

/// Counts a second factor or PIN that was presented: "right", "wrong", "copied", "throttled",
/// "locked".
void count_factor_check(Factor factor, std::string_view result);

}  // namespace instapay::auth
