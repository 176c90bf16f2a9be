#include "core/fields.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "user/approvals.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

// The row and the entry that tells of it, in one transaction. False: it is not open any more.
Task<Result<bool>> end_proposal(Service& service, ApprovalRef ref, Uuid subject, Uuid by,
                                std::string status, std::string reason) {
  auto submission = std::make_unique<ledger::Submission>();
  pg::Params params;
  params.add(ref.id).add(status).add(by);
  params.add(reason.empty() ? std::nullopt : std::optional(reason));
  add_signature(params, std::nullopt);
  submission->prelude =
      std::make_unique<ledger::PgPrelude>(queries::user::decide_approval, std::move(params));
  submission->orders.push_back(approval_order(subject, by, ref, status, std::move(reason)));
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  if (outcomes.front()) co_return true;
  if (outcomes.front().error().constraint == "changed_meanwhile") co_return false;
  co_return fail(explain_action(outcomes.front().error(), service.config.currency));
}

// `status` is refused or withdrawn. What the caller has ended so already is answered as it is.
net::Reply end_by(Service& service, net::Request& request, std::string status, std::string reason) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  const net::Principal& who = *request.principal;
  for (bool again = false;; again = true) {
    const auto rows = co_await find_approval(service, *id);
    if (!rows) co_return fail(rows.error());
    const ApprovalRow row = rows->front();
    const ApprovalRef ref = ref_of(row);
    const bool is_own = row.proposed_by == who.user_id;
    const bool involved =
        is_own || row.subject_id == who.user_id || row.beneficiary_id == who.user_id;
    if (status == "withdrawn" ? !is_own : involved || !may_decide(who, ref.kind))
      co_return fail(Code::forbidden, "This is not for you to decide.");
    if (auto proven = require_step_up(who.factors, now_us() / kSecond_us); !proven)
      co_return fail(std::move(proven.error()));
    if (row.state == status && row.decided_by == who.user_id)
      co_return approval_response(200, row, who);
    if (row.state != "open") co_return fail(not_open(row));
    if (again) co_return fail(Code::overloaded, "The proposal is being decided; ask again.");
    const auto ended =
        co_await end_proposal(service, ref, row.subject_id, who.user_id, status, reason);
    if (!ended) co_return fail(ended.error());
    if (!*ended) continue;
    const auto now = co_await find_approval(service, *id);
    if (!now) co_return fail(now.error());
    co_return approval_response(200, now->front(), who);
  }
}

}  // namespace

net::Reply refuse_proposal(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string reason = fields.text("reason", {.max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  co_return co_await end_by(service, request, "refused", std::move(reason));
}

net::Reply withdraw_proposal(Service& service, net::Request& request) {
  co_return co_await end_by(service, request, "withdrawn", "");
}

}  // namespace instapay::user
