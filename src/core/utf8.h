#pragma once
// UTF-8 (RFC 3629): no surrogates, nothing longer than needed, nothing above U+10FFFF.
#include <cstddef>
#include <string_view>

namespace instapay {

/// How many bytes the character at the front takes; 0 when there is none.
std::size_t utf8_char_size(std::string_view text);

bool is_valid_utf8(std::string_view text);

/// Code points of valid UTF-8.
std::size_t count_chars(std::string_view utf8);

}  // namespace instapay
