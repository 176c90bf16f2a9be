#pragma once
// Passkeys of the users: what browsers are asked, and whether an answer is one of theirs. The JSON
// is auth/passkey_json's; what an answer has to be is in auth/webauthn.h.
#include <optional>
#include <string>

#include "auth/passkey_challenge.h"
#include "auth/passkey_json.h"
#include "core/fields.h"
#include "net/http.h"
#include "queries.h"
#include "user/factors.h"
#include "user/service.h"

namespace instapay::user {

/// 200 {publicKey, expiresIn}: what navigator.credentials.get() takes. Without passkeys, whichever
/// the browser has.
net::Response assertion_options(const Service& service, const auth::ChallengePurpose& purpose,
                                const pg::TypedRows<queries::user::ListPasskeysRow>& passkeys);

/// The same for those of one person, beside their password or session. Errors: factor_not_found,
/// passkeys_not_configured.
Task<Result<net::Response>> own_assertion_options(Service& service, Uuid user,
                                                  auth::ChallengePurpose purpose);

/// What navigator.credentials.create() takes; `passkeys` are those of before.
struct PasskeyOwner {
  Uuid id;
  std::string email, display_name;
};
net::Response registration_options(const Service& service, const auth::ChallengePurpose& purpose,
                                   const PasskeyOwner& owner,
                                   const pg::TypedRows<queries::user::ListPasskeysRow>& passkeys);

struct PasskeyProof {
  Uuid user;
  FactorProof proof;
};
/// Whether the answer is that of one of theirs to a challenge for this, which it uses up. Without
/// `user`, of whoever the passkey says. Errors: passkey_invalid, passkey_copied, challenge_invalid.
Task<Result<PasskeyProof>> prove_passkey(Service& service, auth::AssertionAnswer answer,
                                         auth::ChallengePurpose purpose, std::optional<Uuid> user);

/// {code} or {passkey}, whichever a body has.
struct ShownFactor {
  std::string code;
  std::optional<auth::AssertionAnswer> passkey;
};
ShownFactor read_shown_factor(Fields& fields);
/// Errors: those of prove_code and prove_passkey.
Task<Result<FactorProof>> prove_shown(Service& service, Uuid user, ShownFactor shown,
                                      auth::ChallengePurpose purpose);

/// Says why in the log; the answer does not. Error: passkey_invalid.
std::unexpected<Error> refuse_passkey(auth::WebauthnProblem problem);
std::unexpected<Error> stale_challenge();
std::unexpected<Error> no_such_passkey();
std::unexpected<Error> too_many_passkeys();

/// As lists and answers show it.
void write_passkey(JsonWriter& json, const queries::user::ListPasskeysRow& passkey);

}  // namespace instapay::user
