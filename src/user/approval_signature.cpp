#include "user/approval_signature.h"

#include "auth/copied_passkey.h"
#include "auth/factor_metric.h"
#include "auth/own_assertion.h"
#include "auth/passkey_json.h"
#include "queries/user.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

std::unexpected<Error> refuse(auth::WebauthnProblem problem) {
  log::info("a passkey was not accepted for a proposal",
            {{"error.message", auth::name_of(problem)}});
  auth::count_factor_check(Factor::passkey, "wrong");
  return fail(Code::passkey_invalid,
              "This is not what one of your passkeys says of this proposal.");
}

}  // namespace

Task<Result<std::string>> signature_options(Service& service, transaction::SignedProposal proposal,
                                            std::string_view decision, Uuid signer) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  const auto passkeys =
      co_await service.db.query(queries::user::list_passkeys, pg::Params().add(signer));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  if (passkeys->empty()) co_return fail(Code::factor_not_found, "There is no passkey.");
  std::vector<auth::PasskeyDescriptor> descriptors;
  for (const auto& passkey : *passkeys)
    descriptors.push_back({passkey.credential_id, passkey.transports});
  const Hash256 challenge = transaction::proposal_challenge(proposal, decision, signer);
  std::string text;
  JsonWriter json(text);
  auth::write_assertion_options(json, {reinterpret_cast<const char*>(challenge.data()), 32},
                                service.relying_party, descriptors);
  co_return text;
}

Task<Result<ApprovalSignature>> check_signature(Service& service,
                                                transaction::SignedProposal proposal,
                                                std::string_view decision, Uuid signer,
                                                auth::AssertionAnswer answer) {
  const auth::RelyingParty& party = service.relying_party;
  const Hash256 challenge = transaction::proposal_challenge(proposal, decision, signer);
  const auto checked =
      co_await auth::check_own_assertion(service.db, party, challenge, signer, answer);
  if (!checked) co_return fail(checked.error());
  if (!*checked) co_return refuse(checked->error());
  const auth::OwnAssertion& own = **checked;
  ApprovalSignature signature{
      .passkey = own.passkey,
      .assertion = own.assertion,
      .authorization = transaction::authorization_from(answer, party.id, own.public_key)};
  // Receipts have to hold it.
  if (signature.authorization.size_bytes() > transaction::kProposalSignatureMax_bytes)
    co_return refuse(auth::WebauthnProblem::client_data);
  co_return signature;
}

Task<Error> why_unsigned(Service& service, Uuid signer, ApprovalSignature signature) {
  const auto copied = co_await auth::report_copied_passkey(service.db, signature.passkey, signer,
                                                           signature.assertion.sign_count);
  if (!copied) co_return copied.error();
  if (!*copied)
    co_return Error{Code::passkey_invalid, "This passkey is not one of yours any more."};
  co_return Error{Code::passkey_copied,
                  "This passkey was used elsewhere with a higher counter, so there may be a copy "
                  "of it. Remove it, and add another one."};
}

Task<Result<bool>> has_passkey(Service& service, Uuid person) {
  const auto passkeys =
      co_await service.db.query(queries::user::list_passkeys, pg::Params().add(person));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  co_return !passkeys->empty();
}

void add_signature(pg::Params& params, const std::optional<ApprovalSignature>& signature) {
  if (!signature) {
    for (int i = 0; i < 8; ++i) params.add_null();
    return;
  }
  const transaction::PaymentAuthorization& authorization = signature->authorization;
  params.add(signature->passkey).add(std::int64_t{signature->assertion.sign_count});
  params.add(signature->assertion.backed_up).add_bytes(authorization.hash());
  params.add(authorization.relying_party).add_bytes(authorization.client_data);
  params.add_bytes(authorization.authenticator_data).add_bytes(authorization.signature);
}

}  // namespace instapay::user
