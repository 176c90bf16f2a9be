#include "auth/public_key.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "auth/base64url.h"
#include "auth/jws.h"
#include "auth/openssl.h"
#include "core/sha256.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kCoordinate_bytes = 32;
constexpr std::size_t kEd25519Key_bytes = 32;
constexpr const char* kGroup = "prime256v1";
constexpr std::string_view kRsaExponentBase64 = "AQAB";

unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

BignumPtr number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &number) == 1, "reading a public key");
  return BignumPtr(number);
}

std::string text_of_number(const BIGNUM* number, int bytes) {
  std::string out(static_cast<std::size_t>(bytes), '\0');
  require(BN_bn2binpad(number, as_bytes(out), bytes) == bytes, "writing a number");
  return base64url_encode(out);
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == kGroup;
}

// RSA-PSS keys are of another type: their algorithm is PS256.
bool is_usable_rsa(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") != 1) return false;
  const int bits = EVP_PKEY_get_bits(key);
  return bits >= kRsaKeyMin_bits && bits <= kRsaKeyMax_bits &&
         BN_is_word(number_of(key, OSSL_PKEY_PARAM_RSA_E).get(), kRsaExponent) == 1;
}

// Null when the numbers are no key.
PkeyPtr make_public_key(const char* type, OSSL_PARAM_BLD* build) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(build));
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  require(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1,
          "building a key");
  EVP_PKEY* raw = nullptr;
  const bool made = EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  PkeyPtr key(raw);
  const PkeyCtxPtr check(made ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

std::shared_ptr<EVP_PKEY_CTX> make_verifier(EVP_PKEY* key, Algorithm algorithm) {
  static const MdPtr sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  std::shared_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr),
                                        OpensslFree<EVP_PKEY_CTX_free>());
  require(sha256 != nullptr && context != nullptr && EVP_PKEY_verify_init(context.get()) == 1 &&
              (algorithm != Algorithm::rs256 ||
               EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
              EVP_PKEY_CTX_set_signature_md(context.get(), sha256.get()) == 1,
          "preparing verification");
  return context;
}

std::string raw_key_of(const EVP_PKEY* key) {
  std::string raw(kEd25519Key_bytes, '\0');
  std::size_t size = raw.size();
  require(EVP_PKEY_get_raw_public_key(key, as_bytes(raw), &size) == 1 && size == raw.size(),
          "reading a public key");
  return raw;
}

// Hashes by itself.
bool verify_ed25519(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const MdCtxPtr context(EVP_MD_CTX_new());
  require(context != nullptr &&
              EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1,
          "starting verification");
  const bool good = EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(),
                                     as_bytes(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

// OpenSSL wants DER; JOSE has the two numbers side by side. At most 72 bytes for P-256.
std::size_t write_der(std::string_view signature, std::array<unsigned char, 80>& der) {
  BignumPtr r(BN_bin2bn(as_bytes(signature), kCoordinate_bytes, nullptr));
  BignumPtr s(BN_bin2bn(as_bytes(signature) + kCoordinate_bytes, kCoordinate_bytes, nullptr));
  const EcdsaSigPtr pair(ECDSA_SIG_new());
  require(r != nullptr && s != nullptr && pair != nullptr, "allocating a signature");
  require(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1, "filling a signature");
  require(i2d_ECDSA_SIG(pair.get(), nullptr) <= static_cast<int>(der.size()), "signature size");
  unsigned char* end = der.data();
  const int size = i2d_ECDSA_SIG(pair.get(), &end);
  require(size > 0, "encoding a signature");
  return static_cast<std::size_t>(size);
}

}  // namespace

KeyHandle p256_key(std::string_view x, std::string_view y) {
  std::string point("\x04");
  point.append(x).append(y);
  const ParamBuildPtr build(OSSL_PARAM_BLD_new());
  require(build != nullptr &&
              OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0) ==
                  1 &&
              OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                               point.size()) == 1,
          "building parameters");
  return make_public_key("EC", build.get());
}

KeyHandle rsa_key(std::string_view modulus) {
  const BignumPtr n(BN_bin2bn(as_bytes(modulus), static_cast<int>(modulus.size()), nullptr));
  const ParamBuildPtr build(OSSL_PARAM_BLD_new());
  require(n != nullptr && build != nullptr &&
              OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_ulong(build.get(), OSSL_PKEY_PARAM_RSA_E, kRsaExponent) == 1,
          "building parameters");
  return make_public_key("RSA", build.get());
}

KeyHandle ed25519_key(std::string_view x) {
  if (x.size() != kEd25519Key_bytes) return nullptr;
  return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(x), x.size()));
}

std::string_view name_of(Algorithm algorithm) {
  if (algorithm == Algorithm::eddsa) return "EdDSA";
  return algorithm == Algorithm::rs256 ? "RS256" : "ES256";
}

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  if (name == "RS256") return Algorithm::rs256;
  if (name == "ES256") return Algorithm::es256;
  if (name == "EdDSA") return Algorithm::eddsa;
  return std::nullopt;
}

std::optional<PublicKey> PublicKey::of(KeyHandle key, Algorithm algorithm) {
  PublicKey out;
  if (algorithm == Algorithm::rs256) {
    if (!is_usable_rsa(key.get())) return std::nullopt;
    const int bytes = EVP_PKEY_get_size(key.get());
    out.first_ = text_of_number(number_of(key.get(), OSSL_PKEY_PARAM_RSA_N).get(), bytes);
    out.second_ = kRsaExponentBase64;
    out.signature_bytes_ = static_cast<std::size_t>(bytes);
  } else if (algorithm == Algorithm::eddsa) {
    if (EVP_PKEY_is_a(key.get(), "ED25519") != 1) return std::nullopt;
    out.first_ = base64url_encode(raw_key_of(key.get()));
    out.signature_bytes_ = kEd25519Signature_bytes;
  } else {
    if (!is_p256(key.get())) return std::nullopt;
    const auto coordinate = [&](const char* name) {
      return text_of_number(number_of(key.get(), name).get(), kCoordinate_bytes);
    };
    out.first_ = coordinate(OSSL_PKEY_PARAM_EC_PUB_X);
    out.second_ = coordinate(OSSL_PKEY_PARAM_EC_PUB_Y);
    out.signature_bytes_ = kEs256Signature_bytes;
  }
  if (algorithm != Algorithm::eddsa) out.verifier_ = make_verifier(key.get(), algorithm);
  out.handle_ = std::move(key);
  out.algorithm_ = algorithm;
  return out;
}

std::expected<PublicKey, std::string> PublicKey::from_jwk(const Json& jwk, Algorithm algorithm) {
  KeyHandle key;
  if (algorithm == Algorithm::rs256) {
    const auto modulus = base64url_decode(text_of(jwk, "n"));
    // Without zeros in front (RFC 7518 §6.3.1.1), so that a key has one thumbprint.
    if (!modulus || modulus->empty() || modulus->front() == '\0' ||
        modulus->size() > kRsaKeyMax_bits / 8 || text_of(jwk, "e") != kRsaExponentBase64) {
      return std::unexpected("has a malformed modulus or another exponent than 65537");
    }
    key = rsa_key(*modulus);
  } else if (algorithm == Algorithm::eddsa) {
    const auto x = base64url_decode(text_of(jwk, "x"));
    if (!x || x->size() != kEd25519Key_bytes) return std::unexpected("has a malformed x");
    key = ed25519_key(*x);
  } else {
    const auto x = base64url_decode(text_of(jwk, "x"));
    const auto y = base64url_decode(text_of(jwk, "y"));
    if (!x || !y || x->size() != kCoordinate_bytes || y->size() != kCoordinate_bytes)
      return std::unexpected("has malformed coordinates");
    key = p256_key(*x, *y);
  }
  auto made = key == nullptr ? std::nullopt : of(std::move(key), algorithm);
  if (!made) {
    return std::unexpected(algorithm == Algorithm::rs256 ? "is not an RSA key of 2048 to 4096 bits"
                           : algorithm == Algorithm::eddsa ? "is not an Ed25519 key"
                                                           : "is not on the curve P-256");
  }
  return *std::move(made);
}

std::string PublicKey::thumbprint() const {
  // RFC 7638 §3: required members only, in lexicographic order, no white space.
  std::string canonical;
  JsonWriter json(canonical);
  json.begin_object();
  if (algorithm_ == Algorithm::rs256) {
    json.field("e", second_).field("kty", "RSA").field("n", first_);
  } else if (algorithm_ == Algorithm::eddsa) {
    json.field("crv", "Ed25519").field("kty", "OKP").field("x", first_);
  } else {
    json.field("crv", "P-256").field("kty", "EC").field("x", first_).field("y", second_);
  }
  json.end_object();
  const Hash256 hash = sha256(canonical);
  return base64url_encode(hash);
}

void PublicKey::write_jwk(JsonWriter& json, std::string_view kid) const {
  json.begin_object();
  if (algorithm_ == Algorithm::rs256) {
    json.field("kty", "RSA").field("n", first_).field("e", second_);
  } else if (algorithm_ == Algorithm::eddsa) {
    json.field("kty", "OKP").field("crv", "Ed25519").field("x", first_);
  } else {
    json.field("kty", "EC").field("crv", "P-256").field("x", first_).field("y", second_);
  }
  json.field("use", "sig").field("alg", name_of(algorithm_)).field("kid", kid).end_object();
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != signature_bytes_) return false;
  if (algorithm_ == Algorithm::eddsa) return verify_ed25519(handle_.get(), message, signature);
  std::array<unsigned char, 80> der{};
  const unsigned char* bytes = as_bytes(signature);
  std::size_t size = signature.size();
  if (algorithm_ == Algorithm::es256) {
    size = write_der(signature, der);
    bytes = der.data();
  }
  const Hash256 digest = sha256(message);
  // A context is for one thread at a time; copying only reads the one that all share.
  const PkeyCtxPtr context(EVP_PKEY_CTX_dup(verifier_.get()));
  require(context != nullptr, "starting verification");
  const bool good = EVP_PKEY_verify(context.get(), bytes, size, digest.data(), digest.size()) == 1;
  // A bad signature leaves its reason in this thread's queue, where it would grow stale.
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace instapay::auth
