#pragma once
// Unicode's normalization forms (UAX #15), by ICU: one text for what looks or is typed the same.
// Pure and thread-safe.
#include <cstdint>
#include <string>
#include <string_view>

namespace instapay {

enum class Form : std::uint8_t {
  nfd,            // letters and their marks apart
  nfkc,           // composed; what only looks different (full width, ligatures) is one
  nfkc_casefold,  // the same without case and default-ignorable characters
};

/// The text, which is valid UTF-8, in that form.
std::string normalize(std::string_view utf8, Form form);

}  // namespace instapay
