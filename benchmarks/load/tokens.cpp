#include "tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

constexpr int kCoordinate_bytes = 32;  // P-256

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::string base64url(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    for (held += 8; held >= 6; held -= 6) out += kDigits[bits >> (held - 6) & 63];
  }
  if (held > 0) out += kDigits[bits << (6 - held) & 63];
  return out;
}

std::string bytes_of(const BIGNUM* number) {
  std::string out(kCoordinate_bytes, '\0');
  check(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), kCoordinate_bytes) ==
            kCoordinate_bytes,
        "number too long");
  return out;
}

Key read_key(const std::string& path) {
  const std::unique_ptr<FILE, Freed<std::fclose>> file(std::fopen(path.c_str(), "r"));
  check(file != nullptr, "cannot open the key");
  Key key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  check(key != nullptr, "not a private key");
  return key;
}

std::string coordinate(const Key& key, const char* name) {
  BIGNUM* number = nullptr;
  check(EVP_PKEY_get_bn_param(key.get(), name, &number) == 1, name);
  return base64url(bytes_of(Number(number).get()));
}

/// RFC 7638: the digest of the public key's required members in the order of their names.
std::string thumbprint(const Key& key) {
  const std::string jwk = R"({"crv":"P-256","kty":"EC","x":")" +
                          coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
                          coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y) + R"("})";
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(jwk.data()), jwk.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return base64url(digest);
}

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  check(RAND_bytes(bytes.data(), bytes.size()) == 1, "no randomness");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
  }
  return out;
}

/// JWS takes r and s side by side (RFC 7518 §3.4) where OpenSSL gives DER.
std::string sign_es256(EVP_PKEY* key, std::string_view text) {
  const Digest digest(EVP_MD_CTX_new());
  check(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1, "sign");
  std::array<unsigned char, 80> der{};
  std::size_t length = der.size();
  check(EVP_DigestSign(digest.get(), der.data(), &length,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
        "sign");
  const unsigned char* begin = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(length)));
  check(signature != nullptr, "signature");
  return bytes_of(ECDSA_SIG_get0_r(signature.get())) + bytes_of(ECDSA_SIG_get0_s(signature.get()));
}

}  // namespace

Tokens Tokens::sign(const std::string& key_path, const std::vector<Account>& accounts,
                    std::string_view role, std::int64_t now_s, std::int64_t lifetime_s) {
  const Key key = read_key(key_path);
  const std::string header =
      base64url(R"({"alg":"ES256","typ":"at+jwt","kid":")" + thumbprint(key) + R"("})");
  const auto sign_one = [&](const Account& account) {
    const std::string claims = R"({"iss":"instapay","aud":"instapay-api","sub":")" + account.id +
                               R"(","sid":")" + random_uuid() + R"(","role":")" +
                               std::string(role) + R"(","iat":)" + std::to_string(now_s) +
                               R"(,"exp":)" + std::to_string(now_s + lifetime_s) + R"(,"jti":")" +
                               random_uuid() + R"("})";
    const std::string text = header + '.' + base64url(claims);
    return text + '.' + base64url(sign_es256(key.get(), text));
  };
  Tokens tokens;
  tokens.token_bytes_ = sign_one(accounts[0]).size();
  tokens.text_.resize(accounts.size() * tokens.token_bytes_);
  std::vector<std::jthread> workers;
  const std::size_t count = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t worker = 0; worker < count; ++worker) {
    workers.emplace_back([&, worker] {
      for (std::size_t i = worker; i < accounts.size(); i += count) {
        sign_one(accounts[i]).copy(&tokens.text_[i * tokens.token_bytes_], tokens.token_bytes_);
      }
    });
  }
  workers.clear();
  return tokens;
}

Tokens Tokens::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Tokens tokens;
  std::size_t count = 0;
  if (!(file >> tokens.token_bytes_ >> count) || file.get() != '\n') {
    throw std::runtime_error(path + ": no tokens");
  }
  tokens.text_.resize(tokens.token_bytes_ * count);
  if (!file.read(tokens.text_.data(), static_cast<std::streamsize>(tokens.text_.size()))) {
    throw std::runtime_error(path + ": cut short");
  }
  return tokens;
}

void Tokens::write(const std::string& path) const {
  std::ofstream file(path, std::ios::binary);
  file << token_bytes_ << ' ' << size() << '\n' << text_;
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

}  // namespace bench
