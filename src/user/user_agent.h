#pragma once
// What a mail says of the device that has signed in. Pure.
#include <string>
#include <string_view>

namespace instapay::user {

/// "Firefox · Linux, 203.0.113.5", or what is known of that; the wallet names devices alike.
std::string describe_device(std::string_view user_agent, std::string_view address);

}  // namespace instapay::user
