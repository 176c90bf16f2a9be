#pragma once
// Content negotiation by Accept (RFC 9110, section 12.5.1).
#include <initializer_list>
#include <string_view>

namespace instapay::net {

/// The media type of `offered` that the header likes best; the first one among equals and when
/// there is no header. Empty: none fits.
std::string_view best_type(std::string_view accept,
                           std::initializer_list<std::string_view> offered);

}  // namespace instapay::net
