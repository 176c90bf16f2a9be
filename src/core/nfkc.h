#pragma once
// Unicode Normalization Form KC (UAX #15), by ICU: one text for what looks or is typed the same.
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

/// Nullopt when the text is not UTF-8.
std::optional<std::string> nfkc(std::string_view text);

}  // namespace instapay
