#include "tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
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

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

constexpr int kCoordinate_bytes = 32;  // of P-256

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

std::string bytes_of(const BIGNUM* number, int size) {
  std::string out(static_cast<std::size_t>(size), '\0');
  check(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), size) == size,
        "number too long");
  return out;
}

/// Of the public key, as JWK has it; `size` 0: as long as the number is.
std::string number_of(EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* raw = nullptr;
  check(EVP_PKEY_get_bn_param(key, name, &raw) == 1, name);
  const Number number(raw);
  return base64url(bytes_of(number.get(), size > 0 ? size : BN_num_bytes(number.get())));
}

/// RS256 with an RSA key, ES256 (as builds before 0.2 want it) with one of P-256.
class SigningKey {
 public:
  explicit SigningKey(const std::string& path) {
    const std::unique_ptr<FILE, Freed<std::fclose>> file(std::fopen(path.c_str(), "r"));
    check(file != nullptr, "cannot open the key");
    key_.reset(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
    check(key_ != nullptr, "not a private key");
    elliptic_ = EVP_PKEY_is_a(key_.get(), "EC") == 1;
    check(elliptic_ || EVP_PKEY_is_a(key_.get(), "RSA") == 1, "neither an RSA nor an EC key");
  }

  std::string header() const {
    return R"({"alg":")" + std::string(elliptic_ ? "ES256" : "RS256") +
           R"(","typ":"at+jwt","kid":")" + thumbprint() + R"("})";
  }

  std::string sign(std::string_view text) const {
    const Digest digest(EVP_MD_CTX_new());
    check(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
          "sign");
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t length = out.size();
    check(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
          "sign");
    out.resize(length);
    if (!elliptic_) return out;
    // JWS takes r and s side by side (RFC 7518 section 3.4) where OpenSSL gives DER.
    const auto* begin = reinterpret_cast<const unsigned char*>(out.data());
    const Signature pair(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(out.size())));
    check(pair != nullptr, "signature");
    return bytes_of(ECDSA_SIG_get0_r(pair.get()), kCoordinate_bytes) +
           bytes_of(ECDSA_SIG_get0_s(pair.get()), kCoordinate_bytes);
  }

 private:
  /// RFC 7638: the digest of the public key's required members in the order of their names.
  std::string thumbprint() const {
    EVP_PKEY* key = key_.get();
    const std::string jwk =
        elliptic_ ? R"({"crv":"P-256","kty":"EC","x":")" +
                        number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, kCoordinate_bytes) + R"(","y":")" +
                        number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, kCoordinate_bytes) + R"("})"
                  : R"({"e":")" + number_of(key, OSSL_PKEY_PARAM_RSA_E) + R"(","kty":"RSA","n":")" +
                        number_of(key, OSSL_PKEY_PARAM_RSA_N) + R"("})";
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(jwk.data()), jwk.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    return base64url(digest);
  }

  Key key_;
  bool elliptic_ = false;
};

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

}  // namespace

Tokens Tokens::sign(const std::string& key_path, const std::vector<Account>& accounts,
                    std::string_view role, std::int64_t now_s, std::int64_t lifetime_s) {
  const SigningKey key(key_path);
  const std::string header = base64url(key.header());
  const auto sign_one = [&](const Account& account) {
    const std::string claims = R"({"iss":"instapay","aud":"instapay-api","sub":")" + account.id +
                               R"(","sid":")" + random_uuid() + R"(","role":")" +
                               std::string(role) + R"(","iat":)" + std::to_string(now_s) +
                               R"(,"exp":)" + std::to_string(now_s + lifetime_s) + R"(,"jti":")" +
                               random_uuid() + R"("})";
    const std::string text = header + '.' + base64url(claims);
    return text + '.' + base64url(key.sign(text));
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
