#include "auth/secret_keys.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/development_key.h"
#include "auth/openssl.h"
#include "auth/random.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kNonce_bytes = 12, kTag_bytes = 16;
constexpr std::string_view kBetween = " ,\t\r\n";

std::uint8_t* as_bytes(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

SecretKeyId id_of(std::string_view key) {
  const Hash256 hash = sha256(std::string("instapay secret key id\n").append(key));
  SecretKeyId id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

}  // namespace

std::expected<SecretKeys, std::string> SecretKeys::parse(std::string_view text) {
  SecretKeys keys;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
    if (text.empty()) break;
    const std::string name = "key " + std::to_string(keys.keys_.size() + 1);
    if (keys.keys_.size() == kSecretKeysMax) return std::unexpected("there are too many keys");
    const std::string_view one = text.substr(0, text.find_first_of(kBetween));
    text.remove_prefix(one.size());
    const auto bytes = base64url_decode(one);
    if (!bytes || bytes->size() != kSecretKey_bytes)
      return std::unexpected(name + " is not 32 bytes in base64url");
    Key& key = keys.keys_.emplace_back(id_of(*bytes));
    std::ranges::copy(*bytes, key.bytes.begin());
    if (std::ranges::count(keys.keys_, key.id, &Key::id) > 1)
      return std::unexpected(name + " is there twice");
  }
  if (keys.keys_.empty()) return std::unexpected("there is no key");
  return keys;
}

std::string SecretKeys::generate() {
  const auto bytes = random_bytes<kSecretKey_bytes>();
  return base64url_encode(bytes);
}

SecretKeys::Sealed SecretKeys::seal(std::string_view plain, std::string_view owner) const {
  const Key& key = keys_.front();
  const auto nonce = random_bytes<kNonce_bytes>();
  Sealed sealed{key.id, std::string(nonce.begin(), nonce.end())};
  sealed.bytes.resize(kNonce_bytes + plain.size() + kTag_bytes);
  std::uint8_t* out = as_bytes(sealed.bytes) + kNonce_bytes;
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  require(context != nullptr &&
              EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.bytes.data(), nonce.data(),
                                  nullptr) == 1 &&
              EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(owner).data(),
                                static_cast<int>(owner.size())) == 1 &&
              EVP_EncryptUpdate(context.get(), out, &size, bytes_of(plain).data(),
                                static_cast<int>(plain.size())) == 1 &&
              EVP_EncryptFinal_ex(context.get(), out + size, &size) == 1 &&
              EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag_bytes,
                                  out + plain.size()) == 1,
          "AES-256-GCM");
  return sealed;
}

std::optional<std::string> SecretKeys::open(const Sealed& sealed, std::string_view owner) const {
  const auto key = std::ranges::find(keys_, sealed.key_id, &Key::id);
  if (key == keys_.end() || sealed.bytes.size() < kNonce_bytes + kTag_bytes) return std::nullopt;
  const std::size_t plain_bytes = sealed.bytes.size() - kNonce_bytes - kTag_bytes;
  const ByteSpan in = bytes_of(sealed.bytes);
  std::string tag = sealed.bytes.substr(kNonce_bytes + plain_bytes);
  std::string plain(plain_bytes, '\0');
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int size = 0;
  require(
      context != nullptr &&
          EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), key->bytes.data(), in.data(),
                              nullptr) == 1 &&
          EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(owner).data(),
                            static_cast<int>(owner.size())) == 1 &&
          EVP_DecryptUpdate(context.get(), as_bytes(plain), &size, in.data() + kNonce_bytes,
                            static_cast<int>(plain_bytes)) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag_bytes, tag.data()) == 1,
      "AES-256-GCM");
  if (EVP_DecryptFinal_ex(context.get(), as_bytes(plain) + size, &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return plain;
}

std::expected<SecretKeys, std::string> factor_keys_of(const std::string& text,
                                                      const std::filesystem::path& data_dir) {
  std::string source(kFactorKeySetting), keys = text;
  if (text.empty()) {
    const std::filesystem::path path = std::filesystem::absolute(data_dir) / "factor-key";
    auto made = development_secret(path, [] { return SecretKeys::generate(); });
    if (!made) return std::unexpected(std::move(made.error()));
    source = "the key in " + path.string();
    keys = *std::move(made);
  }
  auto parsed = SecretKeys::parse(keys);
  if (!parsed) return std::unexpected(source + " is not usable: " + parsed.error());
  return parsed;
}

}  // namespace instapay::auth
