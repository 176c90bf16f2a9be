#pragma once
// What names and addresses of users may look like. Pure.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace instapay::user {

inline constexpr std::size_t kEmailMax_bytes = 254;  // RFC 5321, as a path
inline constexpr std::size_t kEmailLocalMax_bytes = 64;
inline constexpr std::size_t kUsernameMin_chars = 3;
inline constexpr std::size_t kUsernameMax_chars = 32;
inline constexpr std::size_t kDisplayNameMax_chars = 64;

/// The address as it is stored and compared: lower-case. Nullopt when it is not of the form that
/// mail systems accept everywhere: ASCII, dot-atom before the @, a domain with at least one dot.
std::optional<std::string> normalize_email(std::string_view email);

/// Lower-case; nullopt unless 3 to 32 of a-z 0-9 _ . - beginning with a letter or a digit.
/// What the names of who was erased begin with, and where their addresses are: nobody else's.
inline constexpr std::string_view kErasedPrefix = "erased-", kErasedDomain = "@erased.invalid";

std::optional<std::string> normalize_username(std::string_view username);

}  // namespace instapay::user
