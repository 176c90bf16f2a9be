#include "auth/cose_key.h"

#include <map>

#include "auth/cbor.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

// RFC 9053 §7: the labels of a key's members and what stands under them.
constexpr std::int64_t kLabelType = 1, kLabelAlgorithm = 3;
constexpr std::int64_t kLabelCurve = -1, kLabelX = -2, kLabelY = -3;
constexpr std::int64_t kLabelModulus = -1, kLabelExponent = -2;
constexpr std::int64_t kTypeOkp = 1, kTypeEc2 = 2, kTypeRsa = 3;
constexpr std::int64_t kCurveP256 = 1, kCurveEd25519 = 6;
constexpr std::size_t kCoordinate_bytes = 32, kEd25519Key_bytes = 32;
constexpr std::size_t kMembersMax = 5;
constexpr std::string_view kExponentBytes{"\x01\x00\x01", 3};

struct Members {
  std::map<std::int64_t, std::int64_t> numbers;
  std::map<std::int64_t, std::string_view> strings;

  std::int64_t number(std::int64_t label) const {
    const auto found = numbers.find(label);
    return found == numbers.end() ? 0 : found->second;
  }
  std::string_view string(std::int64_t label) const {
    const auto found = strings.find(label);
    return found == strings.end() ? std::string_view() : found->second;
  }
  std::size_t size() const { return numbers.size() + strings.size(); }
};

// Whether a label of this type of key has a number; the others have bytes.
bool has_number(std::int64_t label, std::int64_t type) {
  return label == kLabelType || label == kLabelAlgorithm ||
         (label == kLabelCurve && type != kTypeRsa);
}

// In the order that CTAP2 demands the type stands first. A label twice is nullopt, as it makes
// fewer members than there were pairs.
std::optional<Members> read_members(ByteSpan cbor) {
  CborReader reader(cbor);
  const auto pairs = reader.map();
  if (!pairs || *pairs > kMembersMax) return std::nullopt;
  Members members;
  for (std::size_t i = 0; i < *pairs; ++i) {
    const auto label = reader.integer();
    if (!label || (i == 0) != (*label == kLabelType)) return std::nullopt;
    if (has_number(*label, members.number(kLabelType))) {
      const auto number = reader.integer();
      if (!number) return std::nullopt;
      members.numbers.emplace(*label, *number);
    } else {
      const auto bytes = reader.bytes();
      if (!bytes) return std::nullopt;
      members.strings.emplace(*label, text_of(*bytes));
    }
  }
  if (!reader.is_finished() || members.size() != *pairs) return std::nullopt;
  return members;
}

KeyHandle ec2_key(const Members& members) {
  const auto x = members.string(kLabelX), y = members.string(kLabelY);
  if (members.size() != 5 || members.number(kLabelCurve) != kCurveP256 ||
      x.size() != kCoordinate_bytes || y.size() != kCoordinate_bytes)
    return nullptr;
  return p256_key(x, y);
}

KeyHandle okp_key(const Members& members) {
  const auto x = members.string(kLabelX);
  if (members.size() != 4 || members.number(kLabelCurve) != kCurveEd25519 ||
      x.size() != kEd25519Key_bytes)
    return nullptr;
  return ed25519_key(x);
}

KeyHandle rsa_key_of(const Members& members) {
  const auto modulus = members.string(kLabelModulus);
  if (members.size() != 4 || members.string(kLabelExponent) != kExponentBytes || modulus.empty() ||
      modulus.front() == '\0' || modulus.size() > kRsaKeyMax_bits / 8)
    return nullptr;
  KeyHandle key = rsa_key(modulus);
  // Its size is checked there.
  return key != nullptr && PublicKey::of(key, Algorithm::rs256) ? key : nullptr;
}

KeyHandle key_of(const Members& members) {
  const std::int64_t type = members.number(kLabelType);
  switch (members.number(kLabelAlgorithm)) {
    case kCoseEs256:
      return type == kTypeEc2 ? ec2_key(members) : nullptr;
    case kCoseEdDsa:
      return type == kTypeOkp ? okp_key(members) : nullptr;
    case kCoseRs256:
      return type == kTypeRsa ? rsa_key_of(members) : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<CoseKey> CoseKey::parse(ByteSpan cbor) {
  if (cbor.size() > kCoseKeyMax_bytes) return std::nullopt;
  const auto members = read_members(cbor);
  if (!members) return std::nullopt;
  KeyHandle key = key_of(*members);
  ERR_clear_error();
  if (key == nullptr) return std::nullopt;
  return CoseKey(std::move(key), static_cast<std::int32_t>(members->number(kLabelAlgorithm)));
}

bool CoseKey::verify(ByteSpan message, ByteSpan signature) const {
  const MdCtxPtr context(EVP_MD_CTX_new());
  // Ed25519 hashes by itself. RSA pads as PKCS #1 v1.5 unless it is told otherwise.
  const EVP_MD* hash = algorithm_ == kCoseEdDsa ? nullptr : EVP_sha256();
  require(context != nullptr &&
              EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key_.get()) == 1,
          "starting verification");
  const bool good = EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     message.data(), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace instapay::auth
