#include "auth/password.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "auth/random.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kHash_chars = 60;       // $2b$12$ + 22 of salt + 31 of hash
constexpr std::size_t kHashPrefix_chars = 7;  // $2b$12$

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) ||  // longer than needed
        (lead == 0xed && second > 0x9f) ||  // half of a surrogate pair
        (lead == 0xf0 && second < 0x90) ||  // longer than needed
        (lead == 0xf4 && second > 0x8f)) {  // past U+10FFFF
      return false;
    }
    i += length;
  }
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The cost inside a bcrypt hash; nullopt for anything else.
std::optional<int> cost_of(std::string_view hash) {
  if (hash.size() != kHash_chars || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$' ||
      !is_digit(hash[4]) || !is_digit(hash[5])) {
    return std::nullopt;
  }
  if (hash[2] != 'a' && hash[2] != 'b' && hash[2] != 'y') return std::nullopt;
  return (hash[4] - '0') * 10 + (hash[5] - '0');
}

// libxcrypt's 32 KiB of scratch holds the password's expansion: wiped when done.
struct WipedScratch {
  crypt_data data{};
  WipedScratch() = default;
  WipedScratch(const WipedScratch&) = delete;
  WipedScratch& operator=(const WipedScratch&) = delete;
  ~WipedScratch() { OPENSSL_cleanse(&data, sizeof data); }
};

// Empty on failure.
std::string run_bcrypt(std::string_view password, std::string_view setting) {
  const auto scratch = std::make_unique<WipedScratch>();
  std::array<char, kPasswordMax_bytes + 1> phrase{};
  std::memcpy(phrase.data(), password.data(), password.size());
  const std::string setting_text(setting);
  const char* hash = crypt_r(phrase.data(), setting_text.c_str(), &scratch->data);
  OPENSSL_cleanse(phrase.data(), phrase.size());
  // libxcrypt answers a failure with a text that starts with '*'.
  return hash == nullptr || hash[0] == '*' ? std::string() : std::string(hash);
}

}  // namespace

std::optional<PasswordProblem> check_password(std::string_view password) {
  if (password.size() < kPasswordMin_bytes) return PasswordProblem::too_short;
  if (password.size() > kPasswordMax_bytes) return PasswordProblem::too_long;
  if (password.find('\0') != std::string_view::npos || !valid_utf8(password)) {
    return PasswordProblem::invalid_format;
  }
  return std::nullopt;
}

std::string hash_password(std::string_view password, int cost) {
  if (check_password(password) || cost < kBcryptCostMin || cost > kBcryptCostMax) {
    throw std::runtime_error("hash_password: refused password or cost");
  }
  const auto salt = random_bytes<16>();
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const char* made = crypt_gensalt_rn(
      "$2b$", static_cast<unsigned long>(cost), reinterpret_cast<const char*>(salt.data()),
      static_cast<int>(salt.size()), setting.data(), static_cast<int>(setting.size()));
  std::string hash = made == nullptr ? std::string() : run_bcrypt(password, made);
  if (!cost_of(hash)) throw std::runtime_error("libxcrypt cannot make a bcrypt hash");
  return hash;
}

bool verify_password(std::string_view password, std::string_view hash) {
  if (password.size() > kPasswordMax_bytes || password.find('\0') != std::string_view::npos) {
    return false;  // says nothing about the hash
  }
  if (!cost_of(hash)) return false;
  const std::string computed = run_bcrypt(password, hash);
  return computed.size() == hash.size() &&
         CRYPTO_memcmp(computed.data(), hash.data(), hash.size()) == 0;
}

bool needs_rehash(std::string_view hash, int cost) {
  return !hash.starts_with("$2b$") || cost_of(hash) != cost;
}

std::string dummy_hash(int cost) {
  // Salt and digest are arbitrary: finding a password for them is breaking bcrypt.
  constexpr std::string_view kSaltAndDigest =
      "Vq1hZ0mJwTn8yKx4RbLdOeN7sGf2uPcYiWzA5oXE3kDtQvHlMj6Su";
  static_assert(kSaltAndDigest.size() == kHash_chars - kHashPrefix_chars);
  std::array<char, kHashPrefix_chars + 1> prefix{};
  std::snprintf(prefix.data(), prefix.size(), "$2b$%02d$", cost);
  return std::string(prefix.data()).append(kSaltAndDigest);
}

}  // namespace instapay::auth
