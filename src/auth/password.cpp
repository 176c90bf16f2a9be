#include "auth/password.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "auth/random.h"
#include "core/normalize.h"
#include "core/text.h"
#include "core/utf8.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kHash_chars = 60;       // $2b$12$ + 22 of salt + 31 of hash
constexpr std::size_t kHashPrefix_chars = 7;  // $2b$12$

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

std::optional<PasswordProblem> check_shape(std::string_view normal) {
  if (!is_valid_utf8(normal) || normal.contains('\0')) return PasswordProblem::invalid_format;
  if (count_chars(normal) < kPasswordMin_chars) return PasswordProblem::too_short;
  if (normal.size() > kPasswordMax_bytes) return PasswordProblem::too_long;
  return std::nullopt;
}

// Names and addresses as words that zxcvbn compares with: lower-case, whole and in their parts.
std::vector<std::string> words_of(std::span<const std::string> own) {
  std::vector<std::string> words;
  for (const std::string& name : own) {
    std::string text = lower_ascii(name);
    std::string part;
    for (const char c : text + " ") {
      if (!std::string_view(" @._-+").contains(c)) {
        part += c;
      } else if (!part.empty()) {
        words.push_back(std::exchange(part, {}));
      }
    }
    words.push_back(std::move(text));
  }
  return words;
}

// zxcvbn takes the cube of the length for texts such as one letter over and over, so it is asked
// piece by piece: the whole is at least as hard to guess as its hardest piece.
bool is_guessed_soon(std::string_view normal, std::span<const std::string> own) {
  constexpr std::size_t kPieceMax_bytes = 24;
  const std::vector<std::string> words = words_of(own);
  std::vector<const char*> list;
  for (const std::string& word : words) list.push_back(word.c_str());
  list.push_back(nullptr);
  for (std::string_view rest = normal; !rest.empty();) {
    std::string piece(rest.substr(0, kPieceMax_bytes));
    rest.remove_prefix(piece.size());
    const double bits = ZxcvbnMatch(piece.c_str(), list.data(), nullptr);
    OPENSSL_cleanse(piece.data(), piece.size());
    if (bits >= kPasswordGuessesMin_bits) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> normalize_password(std::string_view password) {
  if (!is_valid_utf8(password)) return std::nullopt;
  return normalize(password, Form::nfkc);
}

std::optional<PasswordProblem> check_password(std::string_view normal,
                                              std::span<const std::string> own_words) {
  if (auto problem = check_shape(normal)) return problem;
  if (is_guessed_soon(normal, own_words)) return PasswordProblem::too_common;
  return std::nullopt;
}

std::expected<std::string, PasswordProblem> accept_password(
    std::string_view given, std::span<const std::string> own_words) {
  auto normal = normalize_password(given);
  if (!normal) return std::unexpected(PasswordProblem::invalid_format);
  if (const auto problem = check_password(*normal, own_words)) return std::unexpected(*problem);
  return std::move(*normal);
}

std::string hash_password(std::string_view normal, int cost) {
  if (check_shape(normal) || cost < kBcryptCostMin || cost > kBcryptCostMax) {
    throw std::runtime_error("hash_password: refused password or cost");
  }
  const auto salt = random_bytes<16>();
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  const char* made = crypt_gensalt_rn(
      "$2b$", static_cast<unsigned long>(cost), reinterpret_cast<const char*>(salt.data()),
      static_cast<int>(salt.size()), setting.data(), static_cast<int>(setting.size()));
  std::string hash = made == nullptr ? std::string() : run_bcrypt(normal, made);
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

PasswordMatch match_password(std::string_view given, std::string_view hash) {
  const auto normal = normalize_password(given);
  if (normal && verify_password(*normal, hash)) return PasswordMatch::normal;
  if ((!normal || *normal != given) && verify_password(given, hash)) return PasswordMatch::as_given;
  return PasswordMatch::none;
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
