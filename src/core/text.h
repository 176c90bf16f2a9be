#pragma once
// The one rule for text that people write and other people, terminals and logs are shown.
#include <string_view>

namespace instapay {

/// False for characters that cannot be seen or that turn the text around them: control characters
/// (also above ASCII), direction marks and overrides, zero-width ones without the joiners.
bool is_plain_text(std::string_view utf8);

/// What is wrong, for people: goes after the field's name.
inline constexpr std::string_view kNotPlainText =
    "may not contain characters that cannot be seen or that turn the text";

}  // namespace instapay
