#pragma once
// Password rules and bcrypt through libxcrypt. Hashing is slow on purpose (a quarter of a second
// at cost 12): call it on Workers, never on an I/O thread.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace instapay::auth {

inline constexpr std::size_t kPasswordMin_bytes = 8;
// bcrypt reads no more; a longer password is refused, not silently cut.
inline constexpr std::size_t kPasswordMax_bytes = 72;
inline constexpr int kBcryptCostMin = 4;
inline constexpr int kBcryptCostMax = 16;

enum class PasswordProblem : std::uint8_t {
  too_short,
  too_long,
  invalid_format,  // not UTF-8, or with a zero byte, where bcrypt would stop reading
};

// Nullopt when the password may be used.
std::optional<PasswordProblem> check_password(std::string_view password);

// `$2b$` with a random salt. The cost is within kBcryptCostMin..Max and the password passed
// check_password(); otherwise, and if libxcrypt fails, throws std::runtime_error. Thread-safe.
std::string hash_password(std::string_view password, int cost);

// Does the full work for any well-formed hash and compares in constant time. False for a password
// that could never have been set and for a hash that is not bcrypt. Thread-safe.
bool verify_password(std::string_view password, std::string_view hash);

// True when the hash should be made again at the next login: other cost, or an older variant.
bool needs_rehash(std::string_view hash, int cost);

// A well-formed hash of that cost that no known password has: verifying against it costs what a
// real one costs, so an unknown e-mail takes as long as a wrong password.
std::string dummy_hash(int cost);

}  // namespace instapay::auth
