#pragma once
// Password rules and bcrypt through libxcrypt. Hashing is slow on purpose (a quarter of a second
// at cost 12): call it on Workers, never on an I/O thread.
//
// A password is hashed in Unicode Normalization Form KC, so that a word is one password however a
// keyboard composes it (RFC 8265 has the reasons). Hashes of before that were made of the password
// as it was sent; they are found by match_password() and replaced at the next login.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace instapay::auth {

inline constexpr std::size_t kPasswordMin_chars = 8;
// bcrypt reads no more; a longer password is refused, not silently cut.
inline constexpr std::size_t kPasswordMax_bytes = 72;
inline constexpr int kBcryptCostMin = 4;
inline constexpr int kBcryptCostMax = 16;

// As zxcvbn estimates them: below 2^20, a million guesses.
inline constexpr double kPasswordGuessesMin_bits = 20;

enum class PasswordProblem : std::uint8_t {
  too_short,       // in characters: code points of the normal form
  too_long,        // in bytes of the normal form
  invalid_format,  // not UTF-8, or with a zero byte, where bcrypt would stop reading
  too_common,      // among what is guessed first, or made of the person's own names
};

// The form that is hashed. Nullopt when the text is not UTF-8.
std::optional<std::string> normalize_password(std::string_view password);

// Nullopt when the password, in its normal form, may be set by a person with these names and
// addresses. Costs up to a few milliseconds for texts that are made to be slow.
std::optional<PasswordProblem> check_password(std::string_view normal,
                                              std::span<const std::string> own_words);

// The normal form of a password that somebody with these names and addresses may set, to be hashed.
// Costs what check_password() does.
std::expected<std::string, PasswordProblem> accept_password(std::string_view given,
                                                            std::span<const std::string> own_words);

// `$2b$` with a random salt. The cost is within kBcryptCostMin..Max and the password has the length
// that check_password() asks for; otherwise, and if libxcrypt fails, throws std::runtime_error.
// Thread-safe.
std::string hash_password(std::string_view normal, int cost);

// Does the full work for any well-formed hash and compares in constant time. False for a password
// that could never have been set and for a hash that is not bcrypt. Thread-safe.
bool verify_password(std::string_view password, std::string_view hash);

enum class PasswordMatch : std::uint8_t {
  none,
  normal,    // in its normal form
  as_given,  // as it was sent: the hash is of before passwords were normalized
};

// How the password, as it was sent, is that of the hash. What it costs depends on what was sent
// alone, unless the password is right.
PasswordMatch match_password(std::string_view given, std::string_view hash);

// True when the hash should be made again at the next login: other cost, or an older variant.
bool needs_rehash(std::string_view hash, int cost);

// A well-formed hash of that cost that no known password has: verifying against it costs what a
// real one costs, so an unknown e-mail takes as long as a wrong password.
std::string dummy_hash(int cost);

}  // namespace instapay::auth
