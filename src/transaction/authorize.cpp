#include "transaction/authorize.h"

#include "auth/copied_passkey.h"
#include "auth/factor_metric.h"
#include "auth/own_assertion.h"
#include "auth/passkey_json.h"
#include "ledger/store/pg_prelude.h"
#include "queries/transaction.h"
#include "telemetry/log.h"
#include "transaction/authorization.h"

namespace instapay::transaction {
namespace {

constexpr std::string_view kKeptBefore = "payment_authorizations_pkey";

Hash256 challenge_of(const ledger::Order& order, Currency currency, const Hash128& key) {
  return payment_challenge(order.payer, order.payee, order.amount, currency, order.note,
                           order.reference, key);
}

struct Signed {
  Uuid passkey;
  auth::Assertion assertion;
  PaymentAuthorization authorization;
};

std::unexpected<Error> refuse(auth::WebauthnProblem problem) {
  log::info("a passkey was not accepted for a payment",
            {{"error.message", auth::name_of(problem)}});
  auth::count_factor_check(Factor::passkey, "wrong");
  return fail(Code::passkey_invalid, "This is not what one of your passkeys says of this payment.");
}

// An answer of one of the payer's passkeys to just this payment. Errors: passkey_invalid, and of
// the database.
Task<Result<Signed>> check(Service& service, ledger::Order order, Hash128 key,
                           auth::AssertionAnswer answer) {
  const auth::RelyingParty& party = service.relying_party;
  const Hash256 challenge = challenge_of(order, service.config.currency, key);
  const auto checked =
      co_await auth::check_own_assertion(service.db, party, challenge, order.payer.uuid, answer);
  if (!checked) co_return fail(checked.error());
  if (!*checked) co_return refuse(checked->error());
  const auth::OwnAssertion& own = **checked;
  Signed proof{.passkey = own.passkey,
               .assertion = own.assertion,
               .authorization = authorization_from(answer, party.id, own.public_key)};
  // Receipts have to hold it.
  if (proof.authorization.size_bytes() > kAuthorizationMax_bytes)
    co_return refuse(auth::WebauthnProblem::client_data);
  co_return proof;
}

std::unique_ptr<ledger::Prelude> keep(const Signed& proof, const Uuid& payer) {
  const PaymentAuthorization& authorization = proof.authorization;
  pg::Params params;
  params.add(proof.passkey).add(payer).add(std::int64_t{proof.assertion.sign_count});
  params.add(proof.assertion.backed_up).add_bytes(authorization.hash());
  params.add(authorization.relying_party).add_bytes(authorization.client_data);
  params.add_bytes(authorization.authenticator_data).add_bytes(authorization.signature);
  return std::make_unique<ledger::PgPrelude>(queries::transaction::authorize_payment,
                                             std::move(params));
}

Task<ledger::Outcome> submit(Service& service, ledger::Order order, ledger::RequestKey key,
                             std::unique_ptr<ledger::Prelude> prelude, trace::Context span) {
  auto submission = std::make_unique<ledger::Submission>();
  submission->orders.push_back(std::move(order));
  submission->key = key;
  submission->prelude = std::move(prelude);
  submission->span = span;
  auto outcomes = co_await service.ledger.submit(std::move(submission));
  co_return std::move(outcomes.front());
}

// Why what was signed could not be kept: it was before, with the payment of its key; its counter is
// behind that of another one; or the passkey is gone.
Task<Result<Code>> why_unkept(Service& service, Signed proof, Uuid payer, bool was_kept) {
  if (was_kept) co_return Code::passkey_invalid;
  const auto copied = co_await auth::report_copied_passkey(service.db, proof.passkey, payer,
                                                           proof.assertion.sign_count);
  if (!copied) co_return fail(copied.error());
  co_return *copied ? Code::passkey_copied : Code::passkey_invalid;
}

}  // namespace

Task<Result<net::Response>> authorization_options(Service& service, net::Principal principal,
                                                  ledger::Order order, Hash128 idempotency_key) {
  if (principal.machine) co_return fail(Code::forbidden, "A service account has no passkey.");
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  const auto passkeys = co_await service.db.query(queries::transaction::list_own_passkeys,
                                                  pg::Params().add(principal.user_id));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  if (passkeys->empty()) co_return fail(Code::factor_not_found, "There is no passkey.");
  std::vector<auth::PasskeyDescriptor> descriptors;
  for (const auto& passkey : *passkeys)
    descriptors.push_back({passkey.credential_id, passkey.transports});
  const Currency currency = service.config.currency;
  const Hash256 challenge = challenge_of(order, currency, idempotency_key);
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  auth::write_assertion_options(json, {reinterpret_cast<const char*>(challenge.data()), 32},
                                service.relying_party, descriptors);
  json.key("payment").begin_object().field("receiverId", order.payee.uuid);
  json.key("amount").amount(order.amount.minor, currency);
  json.field("currency", currency.code).field_or_null("note", order.note);
  json.field_or_null("requestId", order.reference == Uuid{} ? "" : order.reference.to_string());
  json.end_object().end_object();
  co_return response;
}

Task<Result<ledger::Outcome>> submit_authorized(Service& service, net::Principal principal,
                                                ledger::Order order, ledger::RequestKey key,
                                                auth::AssertionAnswer answer, trace::Context span) {
  if (principal.machine) co_return fail(Code::forbidden, "A service account has no passkey.");
  if (order.refused) co_return co_await submit(service, std::move(order), key, nullptr, span);
  auto proof = co_await check(service, order, key.key, std::move(answer));
  if (!proof) {
    if (proof.error().code != Code::passkey_invalid) co_return fail(std::move(proof.error()));
    order.refused = Code::passkey_invalid;
    co_return co_await submit(service, std::move(order), key, nullptr, span);
  }
  order.authorization = proof->authorization.hash();
  auto outcome = co_await submit(service, order, key, keep(*proof, order.payer.uuid), span);
  if (outcome && !outcome->replayed) auth::count_factor_check(Factor::passkey, "right");
  if (outcome || outcome.error().constraint.empty()) co_return outcome;
  // The key may have an answer; asked without a proof, the ledger gives that or this refusal.
  order.authorization.reset();
  order.refused = Code::passkey_invalid;
  const bool was_kept = outcome.error().constraint == kKeptBefore;
  outcome = co_await submit(service, order, key, nullptr, span);
  if (outcome || outcome.error().code != Code::passkey_invalid) co_return outcome;
  auto why = co_await why_unkept(service, std::move(*proof), order.payer.uuid, was_kept);
  if (!why) co_return fail(std::move(why.error()));
  outcome.error().code = *why;
  co_return outcome;
}

}  // namespace instapay::transaction
