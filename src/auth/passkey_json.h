#pragma once
// Passkeys in JSON, as browsers write their answers and read what they are asked (WebAuthn Level 3,
// §5.1.8 and §5.4.6). What an answer has to be is in webauthn.h.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/passkey_challenge.h"
#include "auth/webauthn.h"
#include "core/fields.h"
#include "core/uuid.h"

namespace instapay::auth {

/// How long a browser waits for its user.
inline constexpr std::int64_t kPasskeyTimeout_ms = kPasskeyChallengeTtl_s * 1000;

/// The field `passkey`: a browser's PublicKeyCredential as its toJSON() writes it. Mistakes stay in
/// `fields`.
struct Registration {
  RegistrationAnswer answer;
  std::string transports;  // those that there are, separated by commas
};
Registration read_registration(Fields& fields);
AssertionAnswer read_assertion(Fields& fields);

/// Error: passkeys_not_configured, where the relying party has no domain.
Result<void> require_passkeys(const RelyingParty& party);

/// The `user.id` that an authenticator keeps, and gives back as `userHandle`. Bytes.
std::string user_handle_of(const Uuid& user);

/// What keeps an answer from being one to just this challenge by a passkey of this person; whether
/// the key has signed it is check_assertion's.
std::optional<WebauthnProblem> find_problem(const AssertionAnswer& answer,
                                            const RelyingParty& party, const Hash256& challenge,
                                            const Uuid& user);

struct PasskeyDescriptor {
  std::span<const std::uint8_t> credential_id;
  std::string_view transports;  // as above
};
void write_descriptors(JsonWriter& json, std::string_view name,
                       std::span<const PasskeyDescriptor> passkeys);

/// The member `publicKey`: what navigator.credentials.get() takes. `challenge` is bytes. Without
/// passkeys, whichever the browser has.
void write_assertion_options(JsonWriter& json, std::string_view challenge,
                             const RelyingParty& party,
                             std::span<const PasskeyDescriptor> passkeys);

}  // namespace instapay::auth
