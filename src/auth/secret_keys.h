#pragma once
// Keys that keep secrets unreadable at rest: AES-256-GCM. What is sealed for one owner opens for
// nobody else, since the owner is authenticated with it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace instapay::auth {

inline constexpr std::size_t kSecretKey_bytes = 32;
inline constexpr std::size_t kSecretKeysMax = 4;
inline constexpr std::string_view kFactorKeySetting = "FACTOR_KEY";

// Names a key without telling it: the first bytes of its SHA-256.
using SecretKeyId = std::array<std::uint8_t, 8>;

// The first key seals, all open, so keys rotate by adding a new one behind the others in every
// process and putting it in front then. Immutable: safe to use from many threads. Throws
// std::runtime_error only if OpenSSL fails.
class SecretKeys {
 public:
  // Keys in base64url, 43 characters each, between blanks, commas or line ends. An error says what
  // is wrong and never shows key material.
  static std::expected<SecretKeys, std::string> parse(std::string_view text);

  // A new key as parse() reads it.
  static std::string generate();

  struct Sealed {
    SecretKeyId key_id{};
    std::string bytes;  // nonce, ciphertext, tag
  };
  Sealed seal(std::string_view plain, std::string_view owner) const;

  // Nullopt when no key has that id, or it was sealed for another owner, or changed since.
  std::optional<std::string> open(const Sealed& sealed, std::string_view owner) const;

  // Of the key that seals.
  const SecretKeyId& current_id() const { return keys_.front().id; }

 private:
  struct Key {
    SecretKeyId id;
    std::array<std::uint8_t, kSecretKey_bytes> bytes;
  };
  SecretKeys() = default;
  std::vector<Key> keys_;
};

/// The keys of the setting; where that is empty, the one of a development installation, made on
/// first use (auth/development_key.h). An error is a sentence that names the setting or the file.
std::expected<SecretKeys, std::string> factor_keys_of(const std::string& text,
                                                      const std::filesystem::path& data_dir);

}  // namespace instapay::auth
