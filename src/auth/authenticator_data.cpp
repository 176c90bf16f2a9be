#include "auth/authenticator_data.h"

#include <algorithm>

#include "auth/cbor.h"

namespace instapay::auth {
namespace {

using ByteSpan = std::span<const std::uint8_t>;

constexpr std::size_t kHead_bytes = 32 + 1 + 4;
constexpr std::size_t kAaguid_bytes = 16, kLength_bytes = 2;
// The flags; the other two bits are reserved, and ignored as the specification says.
constexpr std::uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kBackupEligible = 0x08,
                       kBackedUp = 0x10, kHasCredential = 0x40, kHasExtensions = 0x80;

std::optional<AttestedCredential> take_credential(ByteSpan& rest) {
  if (rest.size() < kAaguid_bytes + kLength_bytes) return std::nullopt;
  AttestedCredential credential;
  std::copy_n(rest.begin(), kAaguid_bytes, credential.aaguid.begin());
  const std::size_t length =
      static_cast<std::size_t>(rest[kAaguid_bytes]) << 8 | rest[kAaguid_bytes + 1];
  rest = rest.subspan(kAaguid_bytes + kLength_bytes);
  if (length == 0 || length > kCredentialIdMax_bytes || length > rest.size()) return std::nullopt;
  credential.id = rest.first(length);
  CborReader reader(rest.subspan(length));
  const auto key = reader.any();
  if (!key) return std::nullopt;
  credential.public_key = *key;
  rest = reader.rest();
  return credential;
}

// Extensions are a map; none is asked for, and what they say is not read.
bool take_extensions(ByteSpan& rest) {
  CborReader reader(rest);
  if (!reader.map() || reader.failed()) return false;
  CborReader whole(rest);
  if (!whole.any()) return false;
  rest = whole.rest();
  return true;
}

}  // namespace

std::optional<AuthenticatorData> AuthenticatorData::parse(ByteSpan bytes) {
  if (bytes.size() < kHead_bytes || bytes.size() > kAuthenticatorDataMax_bytes) return std::nullopt;
  AuthenticatorData data;
  std::copy_n(bytes.begin(), data.rp_id_hash.size(), data.rp_id_hash.begin());
  const std::uint8_t flags = bytes[data.rp_id_hash.size()];
  for (const std::uint8_t byte : bytes.subspan(data.rp_id_hash.size() + 1, 4))
    data.sign_count = data.sign_count << 8 | byte;
  data.user_present = (flags & kUserPresent) != 0;
  data.user_verified = (flags & kUserVerified) != 0;
  data.backup_eligible = (flags & kBackupEligible) != 0;
  data.backed_up = (flags & kBackedUp) != 0;
  if (data.backed_up && !data.backup_eligible) return std::nullopt;
  ByteSpan rest = bytes.subspan(kHead_bytes);
  if ((flags & kHasCredential) != 0) {
    data.credential = take_credential(rest);
    if (!data.credential) return std::nullopt;
  }
  if ((flags & kHasExtensions) != 0 && !take_extensions(rest)) return std::nullopt;
  if (!rest.empty()) return std::nullopt;
  return data;
}

std::optional<AttestationObject> AttestationObject::parse(ByteSpan bytes) {
  if (bytes.size() > kAttestationObjectMax_bytes) return std::nullopt;
  CborReader reader(bytes);
  if (reader.map() != std::optional<std::size_t>(3)) return std::nullopt;
  std::optional<std::string_view> format;
  std::optional<ByteSpan> statement, data;
  // Each of the three once: a name twice is read again and leaves another one out.
  for (int i = 0; i < 3; ++i) {
    const auto name = reader.text();
    if (!name) return std::nullopt;
    if (*name == "fmt") {
      format = reader.text();
    } else if (*name == "attStmt") {
      statement = reader.any();
    } else if (*name == "authData") {
      data = reader.bytes();
    } else {
      return std::nullopt;
    }
  }
  if (!reader.is_finished() || !format || !statement || !data) return std::nullopt;
  return AttestationObject{*format, *statement, *data};
}

}  // namespace instapay::auth
