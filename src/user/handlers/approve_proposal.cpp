#include <algorithm>

#include "core/time.h"
#include "ledger/store/pg_prelude.h"
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

  Actor actor() const { return {proposer, Approved{ref, approver}}; }
};

// The payload's hash is in the chain: a row that somebody has changed is not carried out.
Task<Result<void>> require_told(Service& service, const ApprovalRow& row) {
  const auto rows =
      co_await service.db.query(queries::user::find_approval_entry, pg::Params().add(row.id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const std::string hash = to_hex(row.payload_hash);
  const std::string_view payload(reinterpret_cast<const char*>(row.payload.data()),
                                 row.payload.size());
  const bool told = !rows->empty() && rows->front().change &&
                    rows->front().change->contains("\"sha256\":\"" + hash + "\"") &&
                    to_hex(sha256(payload)) == hash;
  if (!told)
    co_return fail(Code::forbidden, "The proposal is not what the ledger says was proposed.");
  co_return Result<void>();
}

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
    submission->prelude =
        std::make_unique<ledger::PgPrelude>(queries::user::decide_approval, std::move(params));
    submission->orders.push_back(
        approval_order(approving.subject, approving.approver, approving.ref, "approved", ""));
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
  const auto ended = co_await service.db.query(
      queries::user::execute_approval, pg::Params().add(approving.ref.id).add(approving.approver));
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

Result<void> may_approve(const net::Principal& who, const ApprovalRow& row) {
  const bool involved = row.proposed_by == who.user_id || row.subject_id == who.user_id ||
                        row.beneficiary_id == who.user_id;
  if (involved)
    return fail(Code::forbidden,
                "It is another one's to approve what you propose or what is yours.");
  if (!may_decide(who, ref_of(row).kind))
    return fail(Code::forbidden, "Your role may not do this, nor approve it.");
  return require_step_up(who.factors, now_us() / kSecond_us);
}

}  // namespace

// Approved and carried out in one transaction, or neither. The answer to who asks again, since the
// first one was lost, is the same.
net::Reply approve_proposal(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  const net::Principal& who = *request.principal;
  const auto rows = co_await find_approval(service, *id);
  if (!rows) co_return fail(rows.error());
  const ApprovalRow row = rows->front();
  if (auto allowed = may_approve(who, row); !allowed) co_return fail(std::move(allowed.error()));
  if (row.state == "executed" && row.decided_by == who.user_id)
    co_return approval_response(200, row, who);
  if (row.state != "open" && row.state != "approved") co_return fail(not_open(row));
  if (auto told = co_await require_told(service, row); !told) co_return fail(told.error());
  auto approving = read_proposal(row, who.user_id, service.config.currency);
  if (!approving) co_return fail(std::move(approving.error()));
  const auto done = co_await carry_out(service, std::move(*approving));
  const auto now = co_await find_approval(service, *id);
  if (!done) {
    // Whose first request went on while the second one came: that one's answer is both's.
    const bool own =
        now && now->front().state == "executed" && now->front().decided_by == who.user_id;
    if (!own) co_return fail(done.error());
  }
  if (!now) co_return fail(now.error());
  co_return approval_response(200, now->front(), who);
}

}  // namespace instapay::user
