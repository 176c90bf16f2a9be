#pragma once
// What an authenticator signs (WebAuthn §6.1), and what it is wrapped in at a registration
// (§6.5.4). Pure; views of what was parsed.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kCredentialIdMax_bytes = 1023;  // WebAuthn §4
inline constexpr std::size_t kAuthenticatorDataMax_bytes = 4096;
inline constexpr std::size_t kAttestationObjectMax_bytes = 8192;

struct AttestedCredential {
  Hash128 aaguid{};
  std::span<const std::uint8_t> id;
  std::span<const std::uint8_t> public_key;  // a COSE_Key; see cose_key.h
};

struct AuthenticatorData {
  Hash256 rp_id_hash{};
  bool user_present = false, user_verified = false;
  bool backup_eligible = false, backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;

  // Nullopt for what is too short or too long, has anything after what its flags announce, or
  // says that it is backed up without being eligible (§6.1.3).
  static std::optional<AuthenticatorData> parse(std::span<const std::uint8_t> bytes);
};

struct AttestationObject {
  std::string_view format;
  std::span<const std::uint8_t> statement;  // a CBOR map
  std::span<const std::uint8_t> authenticator_data;

  static std::optional<AttestationObject> parse(std::span<const std::uint8_t> bytes);
};

}  // namespace instapay::auth
