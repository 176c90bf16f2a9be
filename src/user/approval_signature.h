#pragma once
// What staff sign of a proposal with a passkey (docs/decisions/0041): what the browser is asked,
// and whether an answer is one to just that.
#include <optional>
#include <string>
#include <string_view>

#include "auth/webauthn.h"
#include "net/http.h"
#include "pg/params.h"
#include "transaction/proposal_proof.h"
#include "user/service.h"

namespace instapay::user {

/// Kept in the transaction of the step that is signed.
struct ApprovalSignature {
  Uuid passkey;
  auth::Assertion assertion;
  transaction::PaymentAuthorization authorization;
};
/// The constraint that is named where the passkey is gone by then, or its counter went back.
inline constexpr std::string_view kSignaturePasskey = "approval_signatures_passkey";

/// The member publicKey of what navigator.credentials.get() takes. Errors: factor_not_found,
/// passkeys_not_configured.
Task<Result<std::string>> signature_options(Service& service, transaction::SignedProposal proposal,
                                            std::string_view decision, Uuid signer);

/// Errors: passkey_invalid, and of the database.
Task<Result<ApprovalSignature>> check_signature(Service& service,
                                                transaction::SignedProposal proposal,
                                                std::string_view decision, Uuid signer,
                                                auth::AssertionAnswer answer);

/// Why such a signature could not be kept: passkey_copied, or passkey_invalid.
Task<Error> why_unsigned(Service& service, Uuid signer, ApprovalSignature signature);

Task<Result<bool>> has_passkey(Service& service, Uuid person);

/// The eight last parameters of the statements that keep one.
void add_signature(pg::Params& params, const std::optional<ApprovalSignature>& signature);

}  // namespace instapay::user
