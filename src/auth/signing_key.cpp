#include "auth/signing_key.h"

#include <openssl/pem.h>

#include <algorithm>
#include <optional>

#include "auth/jws.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kPemMax_bytes = 32 * 1024;
constexpr std::size_t kPemKeysMax = 8;

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

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

// A key that does not say `alg` has that of its type.
std::optional<Algorithm> algorithm_of(const Json& jwk) {
  if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return std::nullopt;
  std::optional<Algorithm> algorithm;
  if (text_of(jwk, "kty") == "RSA") algorithm = Algorithm::rs256;
  if (text_of(jwk, "kty") == "EC" && text_of(jwk, "crv") == "P-256") algorithm = Algorithm::es256;
  if (algorithm && jwk.find("alg") != nullptr && text_of(jwk, "alg") != name_of(*algorithm))
    return std::nullopt;
  return algorithm;
}

// Nullopt when the key is not sound, or not for the purpose.
std::optional<PublicKey> public_half(const KeyHandle& key, const KeyPurpose& purpose) {
  std::optional<PublicKey> half;
  for (const Algorithm algorithm : purpose.algorithms)
    if (!half) half = PublicKey::of(key, algorithm);
  if (!half) return std::nullopt;
  const PkeyCtxPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (check == nullptr || EVP_PKEY_check(check.get()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return half;
}

std::string names_of(std::span<const Algorithm> algorithms) {
  std::string names;
  for (const Algorithm algorithm : algorithms)
    names.append(names.empty() ? "" : " or ").append(name_of(algorithm));
  return names;
}

// What the key of a setting should have been.
std::string wanted(const KeyPurpose& purpose) {
  if (!purpose.allows(Algorithm::rs256)) return "not a valid P-256 key (ES256)";
  return "neither a valid RSA key of 2048 to 4096 bits with exponent 65537 (RS256) nor a valid "
         "P-256 key (ES256)";
}

// OpenSSL gives DER; JOSE takes the two numbers side by side (RFC 7518 §3.4).
std::string side_by_side(std::string_view der) {
  constexpr int kNumber_bytes = kEs256Signature_bytes / 2;
  const auto* begin = as_bytes(der);
  const EcdsaSigPtr pair(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size())));
  require(pair != nullptr, "reading back a signature");
  std::string out(kEs256Signature_bytes, '\0');
  require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), as_bytes(out), kNumber_bytes) > 0 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), as_bytes(out) + kNumber_bytes,
                           kNumber_bytes) > 0,
          "encoding a signature");
  return out;
}

// What secrets are derived from (the extraction of HKDF, RFC 5869): the private key's own encoding.
Hash256 seed_of(const KeyHandle& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PrivateKey(key.get(), &der);
  require(size > 0, "encoding a key");
  constexpr std::string_view kSalt = "instapay derived secrets";
  const Hash256 seed = hmac_sha256(bytes_of(kSalt), {der, static_cast<std::size_t>(size)});
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return seed;
}

}  // namespace

std::vector<Hash256> SigningKeys::derive_secrets(std::string_view label) const {
  std::vector<Hash256> secrets;
  for (const Hash256& seed : seeds_) secrets.push_back(hmac_sha256(seed, bytes_of(label)));
  return secrets;
}

bool KeyPurpose::allows(Algorithm algorithm) const {
  return std::ranges::find(algorithms, algorithm) != algorithms.end();
}

std::expected<KeySet, std::string> KeySet::parse(std::string_view jwks, const KeyPurpose& purpose) {
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
    const auto algorithm = algorithm_of(jwk);
    if (!algorithm || !purpose.allows(*algorithm)) continue;
    auto key = PublicKey::from_jwk(jwk, *algorithm);
    if (!key) return std::unexpected("a JWKS key " + key.error());
    std::string kid(text_of(jwk, "kid"));
    if (kid.empty()) kid = key->thumbprint();
    if (kid.size() > kKidMax_bytes) return std::unexpected("a JWKS key has too long a kid");
    if (!set.keys_.emplace(std::move(kid), *std::move(key)).second) {
      return std::unexpected("two JWKS keys have the same kid");
    }
  }
  if (set.keys_.empty()) {
    return std::unexpected("the JWKS document has no " + names_of(purpose.algorithms) + " key");
  }
  return set;
}

std::string KeySet::to_jwks() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("keys").begin_array();
  for (const auto& [kid, key] : keys_) key.write_jwk(json, kid);
  json.end_array().end_object();
  return text;
}

const PublicKey* KeySet::find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

bool KeySet::shares_a_key(const KeySet& other) const {
  return std::ranges::any_of(keys_, [&](const auto& mine) {
    return std::ranges::any_of(other.keys_, [&](const auto& theirs) {
      return EVP_PKEY_eq(mine.second.handle(), theirs.second.handle()) == 1;
    });
  });
}

std::expected<SigningKeys, std::string> SigningKeys::from_pem(std::string_view pem,
                                                              const KeyPurpose& purpose) {
  if (pem.size() > kPemMax_bytes) return std::unexpected("the signing keys are too large");
  SigningKeys keys;
  while (const auto block = next_pem_block(pem)) {
    if (block->label == "EC PARAMETERS") continue;  // `openssl ecparam -genkey` writes them
    const std::size_t count = keys.public_keys_.size();
    const std::string name = "signing key " + std::to_string(count + 1);
    if (count == kPemKeysMax) return std::unexpected("there are too many signing keys");
    KeyHandle key(read_private_key(*block));
    if (key == nullptr) return std::unexpected(name + " is not an unencrypted private key in PEM");
    auto half = public_half(key, purpose);
    if (!half) return std::unexpected(name + " is " + wanted(purpose));
    keys.seeds_.push_back(seed_of(key));
    std::string kid = half->thumbprint();
    if (count == 0) {
      keys.signer_ = std::move(key);
      keys.algorithm_ = half->algorithm();
      keys.kid_ = kid;
    }
    if (!keys.public_keys_.keys_.emplace(std::move(kid), *std::move(half)).second) {
      return std::unexpected(name + " is there twice");
    }
  }
  if (keys.signer_ == nullptr) {
    return std::unexpected("the signing key is not an unencrypted private key in PEM");
  }
  return keys;
}

std::string SigningKeys::generate_pem(Algorithm algorithm) {
  const PkeyPtr key(algorithm == Algorithm::rs256
                        ? EVP_RSA_gen(static_cast<std::size_t>(kRsaKeyMin_bits))
                        : EVP_EC_gen("P-256"));
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
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(signer_.get())), '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSign(context.get(), as_bytes(signature), &size, as_bytes(message),
                         message.size()) == 1,
          "signing");
  signature.resize(size);
  return algorithm_ == Algorithm::es256 ? side_by_side(signature) : signature;
}

}  // namespace instapay::auth
