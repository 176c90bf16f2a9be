#pragma once
// The ceremonies of passkeys as a relying party checks them (WebAuthn Level 2, §7.1 and §7.2): what
// a browser and an authenticator answer to a challenge. Pure: that the challenge is one of ours and
// was not answered before is the caller's to know, and so are counters.
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kClientDataMax_bytes = 4096;
inline constexpr std::size_t kPasskeySignatureMax_bytes = 512;  // RSA of 4096 bits

// Who asks: the domain that passkeys are for, and the pages that they may be shown on.
struct RelyingParty {
  std::string id;
  std::vector<std::string> origins;
};

enum class WebauthnProblem : std::uint8_t {
  client_data,    // no JSON of a client, or too long
  type,           // of another ceremony
  origin,         // a page that is none of ours, or inside of another one
  authenticator,  // malformed, or with more than belongs there
  relying_party,  // for another domain
  not_verified,   // nobody was there, or it was not shown who
  key,            // a public key that is none, or of another algorithm
  credential,     // another one than it says, or its nature has changed
  attestation,    // of a form that was not asked for
  signature,
};
std::string_view name_of(WebauthnProblem problem);

enum class Ceremony : std::uint8_t { registration, assertion };

// The challenge that was answered; it is the caller's to know it.
std::expected<std::string, WebauthnProblem> read_client_data(std::string_view json,
                                                             Ceremony ceremony,
                                                             const RelyingParty& party);

// All of them bytes.
struct RegistrationAnswer {
  std::string id, client_data, attestation_object;
};
struct NewCredential {
  std::string id, public_key;
  std::int32_t algorithm = 0;
  std::uint32_t sign_count = 0;
  Hash128 aaguid{};
  bool backup_eligible = false, backed_up = false;
};
// After read_client_data.
std::expected<NewCredential, WebauthnProblem> check_registration(const RegistrationAnswer& answer,
                                                                 const RelyingParty& party);

struct AssertionAnswer {
  std::string id, client_data, authenticator_data, signature;
  std::string user_handle;  // may be empty
};
struct Assertion {
  std::uint32_t sign_count = 0;
  bool backed_up = false;
};
// After read_client_data; against what is known of the credential.
std::expected<Assertion, WebauthnProblem> check_assertion(const AssertionAnswer& answer,
                                                          const RelyingParty& party,
                                                          std::span<const std::uint8_t> public_key,
                                                          bool backup_eligible);

}  // namespace instapay::auth
