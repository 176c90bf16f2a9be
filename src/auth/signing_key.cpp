#include "auth/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <optional>

#include "auth/base64url.h"
#include "auth/jws.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kCoordinate_bytes = 32;
constexpr const char* kGroup = "prime256v1";
constexpr std::size_t kPemMax_bytes = 16 * 1024;
constexpr std::size_t kPemKeysMax = 8;

struct Coordinates {
  std::string x, y;  // base64url
};

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &raw) == 1, "reading a public key");
  const BignumPtr number(raw);
  std::string bytes(kCoordinate_bytes, '\0');
  require(BN_bn2binpad(number.get(), as_bytes(bytes), kCoordinate_bytes) ==
              static_cast<int>(kCoordinate_bytes),
          "writing a coordinate");
  return base64url_encode(bytes);
}

Coordinates coordinates(const EVP_PKEY* key) {
  return {coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X), coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y)};
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
         std::string_view(group.data()) == kGroup;
}

// Null when the point is not on the curve.
PkeyPtr public_key(std::string_view x, std::string_view y) {
  std::string point("\x04");
  point.append(x).append(y);
  const ParamBuildPtr build(OSSL_PARAM_BLD_new());
  require(build != nullptr && OSSL_PARAM_BLD_push_utf8_string(
                                  build.get(), OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0) == 1,
          "building parameters");
  require(OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                           point.size()) == 1,
          "building parameters");
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(build.get()));
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  require(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1,
          "building a key");
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  PkeyPtr key(raw);
  const PkeyCtxPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_public_check(check.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

// An encrypted PEM must fail, not ask on the terminal.
int refuse_passphrase(char*, int, int, void*) { return -1; }

struct PemBlock {
  std::string_view label, text;
};

// Cuts the next block off `rest`. Done by hand because OpenSSL's reader skips over damaged blocks,
// and a key that was meant to be used must not be ignored in silence. A block without its end runs
// to the end of the text, where it does not decode.
std::optional<PemBlock> next_pem_block(std::string_view& rest) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kDashes = "-----";
  const std::size_t begin = rest.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(begin);
  const std::size_t label_end = rest.find(kDashes, kBegin.size());
  const std::string_view label =
      rest.substr(kBegin.size(), std::min(label_end, rest.size()) - kBegin.size());
  const std::string end = "-----END " + std::string(label) + "-----";
  const std::size_t end_at = rest.find(end);
  const std::size_t size = end_at == std::string_view::npos ? rest.size() : end_at + end.size();
  const PemBlock block{label, rest.substr(0, size)};
  rest.remove_prefix(size);
  return block;
}

// Null when there is none to be read.
PkeyPtr read_private_key(const PemBlock& block) {
  const BioPtr input(BIO_new_mem_buf(block.text.data(), static_cast<int>(block.text.size())));
  require(input != nullptr, "allocating memory");
  PkeyPtr key(PEM_read_bio_PrivateKey(input.get(), nullptr, refuse_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

}  // namespace

std::string jwk_thumbprint(std::string_view x, std::string_view y) {
  // RFC 7638 §3: required members only, in lexicographic order, no white space.
  std::string canonical(R"({"crv":"P-256","kty":"EC","x":")");
  canonical.append(x).append(R"(","y":")").append(y).append(R"("})");
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  require(EVP_Digest(canonical.data(), canonical.size(), as_bytes(digest), &size, EVP_sha256(),
                     nullptr) == 1,
          "SHA-256");
  digest.resize(size);
  return base64url_encode(digest);
}

std::expected<KeySet, std::string> KeySet::parse(std::string_view jwks) {
  if (jwks.size() > kJwksMax_bytes) return std::unexpected("the JWKS document is too large");
  const auto document = parse_json(jwks);
  if (!document) return std::unexpected("the JWKS document is not JSON");
  const Json* keys = document->find("keys");
  if (keys == nullptr || keys->kind != Json::Kind::array) {
    return std::unexpected("the JWKS document has no array \"keys\"");
  }
  if (keys->items.size() > kJwksKeysMax) {
    return std::unexpected("the JWKS document has too many keys");
  }

  KeySet set;
  for (const Json& jwk : keys->items) {
    if (jwk.kind != Json::Kind::object) return std::unexpected("a JWKS key is not an object");
    if (jwk.find("d") != nullptr)
      return std::unexpected("the JWKS document publishes a private key");
    if (text_of(jwk, "kty") != "EC" || text_of(jwk, "crv") != "P-256") continue;
    if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") continue;
    if (jwk.find("alg") != nullptr && text_of(jwk, "alg") != "ES256") continue;
    const auto x = base64url_decode(text_of(jwk, "x"));
    const auto y = base64url_decode(text_of(jwk, "y"));
    if (!x || !y || x->size() != kCoordinate_bytes || y->size() != kCoordinate_bytes) {
      return std::unexpected("a JWKS key has malformed coordinates");
    }
    PkeyPtr key = public_key(*x, *y);
    if (key == nullptr) return std::unexpected("a JWKS key is not on the curve P-256");
    Key entry{KeyHandle(std::move(key)), std::string(text_of(jwk, "x")),
              std::string(text_of(jwk, "y"))};
    std::string kid(text_of(jwk, "kid"));
    if (kid.empty()) kid = jwk_thumbprint(entry.x, entry.y);
    if (kid.size() > kKidMax_bytes) return std::unexpected("a JWKS key has too long a kid");
    if (!set.keys_.emplace(std::move(kid), std::move(entry)).second) {
      return std::unexpected("two JWKS keys have the same kid");
    }
  }
  if (set.keys_.empty()) return std::unexpected("the JWKS document has no ES256 key");
  return set;
}

std::string KeySet::to_jwks() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("keys").begin_array();
  for (const auto& [kid, key] : keys_) {
    json.begin_object()
        .field("kty", "EC")
        .field("crv", "P-256")
        .field("x", key.x)
        .field("y", key.y)
        .field("use", "sig")
        .field("alg", "ES256")
        .field("kid", kid)
        .end_object();
  }
  json.end_array().end_object();
  return text;
}

bool KeySet::shares_a_key(const KeySet& other) const {
  return std::ranges::any_of(keys_, [&](const auto& mine) {
    return std::ranges::any_of(other.keys_, [&](const auto& theirs) {
      return EVP_PKEY_eq(mine.second.handle.get(), theirs.second.handle.get()) == 1;
    });
  });
}

bool KeySet::verify(std::string_view kid, std::string_view message,
                    std::string_view signature) const {
  const auto found = keys_.find(kid);
  if (found == keys_.end() || signature.size() != kEs256Signature_bytes) return false;

  // OpenSSL wants DER; JOSE has the two numbers side by side.
  BignumPtr r(BN_bin2bn(as_bytes(signature), kCoordinate_bytes, nullptr));
  BignumPtr s(BN_bin2bn(as_bytes(signature) + kCoordinate_bytes, kCoordinate_bytes, nullptr));
  const EcdsaSigPtr pair(ECDSA_SIG_new());
  require(r != nullptr && s != nullptr && pair != nullptr, "allocating a signature");
  require(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1, "filling a signature");
  std::array<unsigned char, 80> der{};  // at most 72 bytes for P-256
  require(i2d_ECDSA_SIG(pair.get(), nullptr) <= static_cast<int>(der.size()), "signature size");
  unsigned char* end = der.data();
  const int der_size = i2d_ECDSA_SIG(pair.get(), &end);
  require(der_size > 0, "encoding a signature");

  const MdCtxPtr context(EVP_MD_CTX_new());
  require(context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                                     found->second.handle.get()) == 1,
          "starting verification");
  const bool good = EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(der_size),
                                     as_bytes(message), message.size()) == 1;
  // A bad signature leaves its reason in this thread's queue, where it would grow stale.
  if (!good) ERR_clear_error();
  return good;
}

std::expected<SigningKeys, std::string> SigningKeys::from_pem(std::string_view pem) {
  if (pem.size() > kPemMax_bytes) return std::unexpected("the signing keys are too large");
  SigningKeys keys;
  while (const auto block = next_pem_block(pem)) {
    if (block->label == "EC PARAMETERS") continue;  // `openssl ecparam -genkey` writes them
    const std::size_t count = keys.public_keys_.size();
    const std::string name = "signing key " + std::to_string(count + 1);
    if (count == kPemKeysMax) return std::unexpected("there are too many signing keys");
    KeyHandle key(read_private_key(*block));
    if (key == nullptr) return std::unexpected(name + " is not an unencrypted private key in PEM");
    const PkeyCtxPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!is_p256(key.get()) || check == nullptr || EVP_PKEY_check(check.get()) != 1) {
      ERR_clear_error();
      return std::unexpected(name + " is not a valid P-256 key (ES256)");
    }
    const Coordinates point = coordinates(key.get());
    const std::string kid = jwk_thumbprint(point.x, point.y);
    if (count == 0) {
      keys.signer_ = key;
      keys.kid_ = kid;
    }
    if (!keys.public_keys_.keys_.emplace(kid, KeySet::Key{std::move(key), point.x, point.y})
             .second) {
      return std::unexpected(name + " is there twice");
    }
  }
  if (keys.signer_ == nullptr) {
    return std::unexpected("the signing key is not an unencrypted private key in PEM");
  }
  return keys;
}

std::string SigningKeys::generate_pem() {
  const PkeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr output(BIO_new(BIO_s_mem()));
  require(key != nullptr && output != nullptr, "generating a key");
  require(PEM_write_bio_PKCS8PrivateKey(output.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1,
          "writing a key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string SigningKeys::sign(std::string_view message) const {
  const MdCtxPtr context(EVP_MD_CTX_new());
  require(context != nullptr &&
              EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signer_.get()) == 1,
          "starting a signature");
  std::array<unsigned char, 80> der{};
  std::size_t der_size = der.size();
  require(
      EVP_DigestSign(context.get(), der.data(), &der_size, as_bytes(message), message.size()) == 1,
      "signing");
  const unsigned char* begin = der.data();
  const EcdsaSigPtr pair(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der_size)));
  require(pair != nullptr, "reading back a signature");
  std::string signature(kEs256Signature_bytes, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), as_bytes(signature), kCoordinate_bytes) > 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), as_bytes(signature) + kCoordinate_bytes,
                           kCoordinate_bytes) > 0,
          "encoding a signature");
  return signature;
}

}  // namespace instapay::auth
