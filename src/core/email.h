#pragma once
// The one rule of e-mail addresses: how they are written, stored and compared. Pure.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

inline constexpr std::size_t kEmailMax_bytes = 254;  // RFC 5321, as a path
inline constexpr std::size_t kEmailLocalMax_bytes = 64;

/// Where the addresses of erased users are: nobody else's.
inline constexpr std::string_view kErasedDomain = "@erased.invalid";

/// The address as it is stored and compared: in lower case, before and after the @; dots and
/// "+tags" are kept. Nullopt when it is not of the form that mail systems accept everywhere: ASCII,
/// a dot-atom before the @, a domain with at least one dot after it (an internationalized one as
/// "xn--…"). Whoever reads an address drops the blanks at its ends first.
std::optional<std::string> normalize_email(std::string_view email);

}  // namespace instapay
