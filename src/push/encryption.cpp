#include "push/encryption.h"

#include <fmt/format.h>

#include "auth/openssl.h"
#include "auth/random.h"
#include "core/check.h"

namespace instapay::push {
namespace {

using auth::bytes_of, auth::require, auth::text_of;

constexpr std::size_t kCoordinate_bytes = 32, kKey_bytes = 16, kNonce_bytes = 12, kTag_bytes = 16;
constexpr char kUncompressed = 4;
constexpr char kLastRecord = 2;  // the delimiter of RFC 8188 §2

// Null when the numbers are no point of the curve.
auth::KeyHandle key_of_point(std::string_view point) {
  if (point.size() != kP256Point_bytes || point.front() != kUncompressed) return nullptr;
  return auth::p256_key(point.substr(1, kCoordinate_bytes), point.substr(1 + kCoordinate_bytes));
}

std::string point_of(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
  require(size == kP256Point_bytes, "encoding a point");
  std::string point(reinterpret_cast<const char*>(bytes), size);
  OPENSSL_free(bytes);
  return point;
}

std::string shared_secret(EVP_PKEY* own, EVP_PKEY* theirs) {
  const auth::PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  std::string secret(kCoordinate_bytes, '\0');
  std::size_t size = secret.size();
  require(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
              EVP_PKEY_derive_set_peer(context.get(), theirs) == 1 &&
              EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(secret.data()),
                              &size) == 1 &&
              size == secret.size(),
          "agreeing on a secret");
  return secret;
}

// HKDF (RFC 5869) of one block at most.
std::string hkdf(std::string_view salt, std::string_view secret, std::string_view about,
                 std::size_t size) {
  const Hash256 key = auth::hmac_sha256(bytes_of(salt), bytes_of(secret));
  const Hash256 block = auth::hmac_sha256(key, bytes_of(std::string(about) + '\1'));
  return std::string(text_of(block).substr(0, size));
}

std::string seal(std::string_view plain, std::string_view key, std::string_view nonce) {
  const auth::CipherCtxPtr context(EVP_CIPHER_CTX_new());
  std::string out(plain.size() + kTag_bytes, '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0, rest = 0;
  require(context != nullptr &&
              EVP_EncryptInit_ex2(context.get(), EVP_aes_128_gcm(), bytes_of(key).data(),
                                  bytes_of(nonce).data(), nullptr) == 1 &&
              EVP_EncryptUpdate(context.get(), to, &size, bytes_of(plain).data(),
                                static_cast<int>(plain.size())) == 1 &&
              EVP_EncryptFinal_ex(context.get(), to + size, &rest) == 1 &&
              EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag_bytes,
                                  to + plain.size()) == 1,
          "sealing a message");
  return out;
}

}  // namespace

bool is_p256_point(std::string_view bytes) {
  const bool is_point = key_of_point(bytes) != nullptr;
  ERR_clear_error();
  return is_point;
}

std::string encrypt_with(std::string_view plain, std::string_view p256dh, std::string_view auth,
                         EVP_PKEY* sender, std::string_view salt) {
  CHECK(plain.size() <= kPlaintextMax_bytes && auth.size() == kAuthSecret_bytes);
  const auth::KeyHandle receiver = key_of_point(p256dh);
  CHECK(receiver != nullptr);
  const std::string own = point_of(sender);
  using namespace std::string_view_literals;
  const std::string input = hkdf(auth, shared_secret(sender, receiver.get()),
                                 fmt::format("WebPush: info{}{}{}", '\0', p256dh, own), 32);
  const std::string key = hkdf(salt, input, "Content-Encoding: aes128gcm\0"sv, kKey_bytes);
  const std::string nonce = hkdf(salt, input, "Content-Encoding: nonce\0"sv, kNonce_bytes);
  std::string body(salt);
  for (int shift = 24; shift >= 0; shift -= 8)
    body.push_back(static_cast<char>((kRecordSize >> shift) & 0xff));
  body.push_back(static_cast<char>(own.size()));
  return body + own + seal(std::string(plain) + kLastRecord, key, nonce);
}

std::string encrypt(std::string_view plain, std::string_view p256dh, std::string_view auth) {
  const auth::PkeyPtr sender(EVP_EC_gen("P-256"));
  require(sender != nullptr, "generating a key");
  const auto salt = auth::random_bytes<kSalt_bytes>();
  return encrypt_with(plain, p256dh, auth, sender.get(), text_of(salt));
}

}  // namespace instapay::push
