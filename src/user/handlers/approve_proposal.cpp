#include <algorithm>

#include "auth/factor_metric.h"
#include "auth/passkey_json.h"
#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "ledger/store/rows.h"
#include "user/erasure.h"
#include "user/handlers/handlers.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

// The proposal as it is carried out.
struct Approving {
  Uuid subject, proposer, approver;
  ApprovalRef ref;
  Json payload;  // without `before`
  std::string role_before;
  std::int64_t balance_before_minor = 0;
  bool begun = false;
  std::optional<Hash256> proposed_signature;   // its hash
  std::optional<ApprovalSignature> signature;  // the approver's

  std::vector<Hash256> signatures() const {
    std::vector<Hash256> hashes;
    if (proposed_signature) hashes.push_back(*proposed_signature);
    if (signature) hashes.push_back(signature->authorization.hash());
    return hashes;
  }
  Actor actor() const { return {proposer, Approved{ref, approver, signature, signatures()}}; }
};

Result<Approving> read_proposal(const ApprovalRow& row, const Uuid& approver, Currency currency) {
  const std::string_view text(reinterpret_cast<const char*>(row.payload.data()),
                              row.payload.size());
  auto payload = parse_json(text);
  if (!payload) return fail(Code::internal_error, "The proposal cannot be read.");
  Approving approving{.subject = row.subject_id,
                      .proposer = row.proposed_by,
                      .approver = approver,
                      .ref = ref_of(row),
                      .begun = row.state == "approved"};
  if (row.proposal_signature)
    approving.proposed_signature = ledger::hash_of(*row.proposal_signature);
  if (const Json* before = payload->find("before")) {
    if (const Json* role = before->find("role")) approving.role_before = role->text;
    if (const Json* balance = before->find("balance"))
      approving.balance_before_minor = parse_amount(balance->text, currency).value_or(0);
  }
  std::erase_if(payload->members, [](const JsonMember& member) { return member.name == "before"; });
  approving.payload = std::move(*payload);
  return approving;
}

Task<Result<void>> carry_out_change(Service& service, Approving approving) {
  auto changes = read_account_changes(approving.payload);
  if (!changes) co_return fail(std::move(changes.error()));
  const auto rest_payee = co_await find_rest_payee(service, approving.subject, *changes);
  if (!rest_payee) co_return fail(rest_payee.error());
  auto user = co_await find_user(service.db, approving.subject);
  if (!user) co_return fail(std::move(user.error()));
  const bool outdated = (changes->role && name_of(user->role) != approving.role_before) ||
                        (changes->status && user->status == ledger::AccountStatus::closed) ||
                        (*rest_payee && user->balance_minor > approving.balance_before_minor);
  // What comes in from here on was not approved: it keeps the wallet open.
  if (*rest_payee) changes->rest_minor = user->balance_minor;
  if (!outdated) {
    const auto done =
        co_await change_account(service, *user, *changes, *rest_payee, approving.actor());
    if (!done) co_return fail(done.error());
    if (*done) co_return Result<void>();
  }
  co_return fail(Code::approval_outdated, "The account is not as it was proposed to change it.");
}

// Notes go page by page: that it is approved is written first, and who approves once more goes on.
Task<Result<void>> carry_out_erasure(Service& service, Approving approving) {
  const auto erasure = read_erasure(approving.payload);
  if (!erasure) co_return fail(erasure.error());
  auto user = co_await find_user(service.db, approving.subject);
  if (!user) co_return fail(std::move(user.error()));
  if (!approving.begun) {
    if (user->status != ledger::AccountStatus::closed || user->balance_minor != 0)
      co_return fail(Code::not_erasable, "The account is not closed and empty.");
    auto submission = std::make_unique<ledger::Submission>();
    pg::Params params;
    params.add(approving.ref.id).add("approved").add(approving.approver).add_null();
    add_signature(params, approving.signature);
    submission->prelude =
        std::make_unique<ledger::PgPrelude>(queries::user::decide_approval, std::move(params));
    submission->orders.push_back(approval_order(approving.subject, approving.approver,
                                                approving.ref, "approved", "",
                                                approving.signatures()));
    const auto outcomes = co_await service.ledger.submit(std::move(submission));
    if (!outcomes.front() && outcomes.front().error().constraint != "changed_meanwhile")
      co_return fail(explain_action(outcomes.front().error(), service.config.currency));
    if (!outcomes.front())
      co_return fail(Code::approval_decided, "The proposal has been decided just now.");
  }
  const auto erased = co_await erase_user(
      service.db, service.ledger, service.config.currency, approving.subject.to_string(),
      approving.proposer, erasure->reason, ApprovedErasure{approving.ref.id, approving.approver});
  if (!erased) co_return fail(erased.error());
  // Erased by another way meanwhile, the proposal is at its end all the same.
  const auto rows = co_await find_approval(service, approving.ref.id);
  if (!rows) co_return fail(rows.error());
  if (rows->front().state != "approved") co_return Result<void>();
  pg::Params params;
  params.add(approving.ref.id).add(approving.approver);
  add_signature(params, std::nullopt);
  const auto ended = co_await service.db.query(queries::user::execute_approval, std::move(params));
  if (!ended) co_return fail(pg::to_error(ended.error()));
  co_return Result<void>();
}

Task<Result<void>> carry_out(Service& service, Approving approving) {
  const Currency currency = service.config.currency;
  switch (approving.ref.kind) {
    case ApprovalKind::adjustment: {
      const auto adjustment = read_adjustment(approving.payload, currency);
      if (!adjustment) co_return fail(adjustment.error());
      co_return co_await adjust(service, approving.subject, *adjustment, approving.actor());
    }
    case ApprovalKind::limits: {
      const auto limits = read_limits(approving.payload, currency);
      if (!limits) co_return fail(limits.error());
      co_return co_await change_limits(service, approving.subject, *limits, approving.actor());
    }
    case ApprovalKind::role:
    case ApprovalKind::closing:
      co_return co_await carry_out_change(service, std::move(approving));
    case ApprovalKind::erasure:
      co_return co_await carry_out_erasure(service, std::move(approving));
  }
  co_return fail(Code::internal_error, "No such kind.");
}

// What the policy (APPROVAL_SIGNATURES) demands beside the approval. A row of `approved` was
// signed, or not, when it was decided.
Task<Result<void>> require_signatures(Service& service, const ApprovalRow& row, bool is_signed,
                                      Uuid approver) {
  const ApprovalSignatures policy = service.config.approval_signatures;
  if (policy == ApprovalSignatures::optional || row.state != "open") co_return Result<void>();
  if (policy == ApprovalSignatures::required && !row.proposal_signature)
    co_return fail(Code::forbidden, "Who proposed it has to sign it with a passkey first.");
  if (is_signed) co_return Result<void>();
  if (policy == ApprovalSignatures::passkey) {
    const auto could_sign = co_await has_passkey(service, approver);
    if (!could_sign) co_return fail(could_sign.error());
    if (!*could_sign) co_return Result<void>();
  }
  co_return fail_field("passkey", "required",
                       "It is approved with your passkey here: sign the proposal.");
}

// Approved and carried out in one transaction, or neither. The answer to who asks again, since the
// first one was lost, is the same. What a passkey signs counts as the second factor, for this
// approval; whoever finishes what was begun decides nothing, and signs nothing.
net::Reply approve(Service& service, net::Principal who, Uuid id,
                   std::optional<auth::AssertionAnswer> passkey) {
  const auto rows = co_await find_approval(service, id);
  if (!rows) co_return fail(rows.error());
  const ApprovalRow row = rows->front();
  if (auto allowed = may_approve(who, row); !allowed) co_return fail(std::move(allowed.error()));
  if (row.state == "executed" && row.decided_by == who.user_id)
    co_return approval_response(200, row, who);
  if (!passkey || row.state != "open")
    if (auto proven = require_step_up(who.factors, now_us() / kSecond_us); !proven)
      co_return fail(std::move(proven.error()));
  if (row.state != "open" && row.state != "approved") co_return fail(not_open(row));
  if (auto told = co_await require_told(service, row); !told) co_return fail(told.error());
  auto approving = read_proposal(row, who.user_id, service.config.currency);
  if (!approving) co_return fail(std::move(approving.error()));
  if (passkey && row.state == "open") {
    auto signature = co_await check_signature(service, signed_proposal(row), transaction::kApproved,
                                              who.user_id, *passkey);
    if (!signature) co_return fail(std::move(signature.error()));
    approving->signature = std::move(*signature);
  }
  const auto demanded =
      co_await require_signatures(service, row, approving->signature.has_value(), who.user_id);
  if (!demanded) co_return fail(demanded.error());
  const auto signature = approving->signature;
  auto done = co_await carry_out(service, std::move(*approving));
  if (!done && done.error().code == Code::passkey_invalid && signature)
    done = fail(co_await why_unsigned(service, who.user_id, *signature));
  const auto now = co_await find_approval(service, id);
  if (!done) {
    // Whose first request went on while the second one came: that one's answer is both's.
    const bool own =
        now && now->front().state == "executed" && now->front().decided_by == who.user_id;
    if (!own) co_return fail(done.error());
  }
  if (!now) co_return fail(now.error());
  if (signature) auth::count_factor_check(Factor::passkey, "right");
  co_return approval_response(200, now->front(), who);
}

// The proposer's own signature, of what is open. What they have signed already is answered as it
// is.
net::Reply sign_own(Service& service, net::Principal who, Uuid id, auth::AssertionAnswer passkey) {
  for (bool again = false;; again = true) {
    const auto rows = co_await find_approval(service, id);
    if (!rows) co_return fail(rows.error());
    const ApprovalRow row = rows->front();
    if (!may_decide(who, ref_of(row).kind))
      co_return fail(Code::forbidden, "Your role may not do this any more.");
    if (row.proposal_signature) co_return approval_response(200, row, who);
    if (row.state != "open") co_return fail(not_open(row));
    if (again) co_return fail(Code::overloaded, "The proposal is being decided; ask again.");
    if (auto told = co_await require_told(service, row); !told) co_return fail(told.error());
    auto signature = co_await check_signature(service, signed_proposal(row), transaction::kProposed,
                                              who.user_id, passkey);
    if (!signature) co_return fail(std::move(signature.error()));
    auto submission = std::make_unique<ledger::Submission>();
    pg::Params params;
    params.add(id).add(who.user_id);
    add_signature(params, *signature);
    submission->prelude =
        std::make_unique<ledger::PgPrelude>(queries::user::sign_proposal, std::move(params));
    submission->orders.push_back(approval_order(row.subject_id, who.user_id, ref_of(row), "signed",
                                                "", {signature->authorization.hash()}));
    const auto outcomes = co_await service.ledger.submit(std::move(submission));
    if (outcomes.front()) {
      auth::count_factor_check(Factor::passkey, "right");
      const auto now = co_await find_approval(service, id);
      if (!now) co_return fail(now.error());
      co_return approval_response(200, now->front(), who);
    }
    const ledger::Refusal& refusal = outcomes.front().error();
    if (refusal.constraint == kSignaturePasskey) {
      // The same answer, sent twice at once: the first one has moved the counter.
      const auto now = co_await find_approval(service, id);
      if (now && now->front().proposal_signature)
        co_return approval_response(200, now->front(), who);
      co_return fail(co_await why_unsigned(service, who.user_id, *signature));
    }
    if (refusal.constraint != "changed_meanwhile" &&
        !refusal.constraint.starts_with("approval_signatures_"))
      co_return fail(explain_action(refusal, service.config.currency));
  }
}

}  // namespace

net::Reply approve_proposal(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  co_return co_await approve(service, *request.principal, *id, std::nullopt);
}

net::Reply sign_proposal(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  auto passkey = auth::read_assertion(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const net::Principal who = *request.principal;
  const auto rows = co_await find_approval(service, *id);
  if (!rows) co_return fail(rows.error());
  if (rows->front().proposed_by == who.user_id)
    co_return co_await sign_own(service, who, *id, std::move(passkey));
  co_return co_await approve(service, who, *id, std::move(passkey));
}

// Nothing is kept of it: what is signed is the proposal itself, once.
net::Reply authorize_proposal(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  const net::Principal& who = *request.principal;
  const auto rows = co_await find_approval(service, *id);
  if (!rows) co_return fail(rows.error());
  const ApprovalRow row = rows->front();
  const std::string_view decision = decision_of(row, who.user_id);
  if (decision == transaction::kApproved) {
    if (auto allowed = may_approve(who, row); !allowed) co_return fail(std::move(allowed.error()));
  } else if (!may_decide(who, ref_of(row).kind)) {
    co_return fail(Code::forbidden, "Your role may not do this any more.");
  }
  if (row.state != "open") co_return fail(not_open(row));
  if (auto told = co_await require_told(service, row); !told) co_return fail(told.error());
  const auto options =
      co_await signature_options(service, signed_proposal(row), decision, who.user_id);
  if (!options) co_return fail(options.error());
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().raw(*options);
  json.field("decision", decision).key("approval");
  write_approval(json, row, who);
  json.end_object();
  co_return response;
}

}  // namespace instapay::user
