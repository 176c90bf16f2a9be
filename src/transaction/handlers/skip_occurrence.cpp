#include "core/fields.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {
namespace {

constexpr std::int32_t kNumberMax = 1'000'000;

}  // namespace

// The number says which: what was due while somebody decided is not what they meant to skip.
net::Reply skip_occurrence(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto number = fields.optional_integer("number", 1, kNumberMax);
  if (!number && !fields.has_error("number"))
    fields.add_error("number", "required", "number says which occurrence is skipped.");
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  const net::Principal& payer = *request.principal;
  const auto schedule = co_await find_schedule(service, payer, *id);
  if (!schedule) co_return fail(schedule.error());
  if (schedule->payer_id != payer.user_id)
    co_return fail(Code::forbidden, "This is not yours to change.");
  const auto rows = co_await service.db.query(
      queries::transaction::skip_occurrence, pg::Params().add(*id).add(payer.user_id).add(*number));
  if (!rows) co_return fail(explain_terms(rows.error()));
  if (!rows->front().skipped)
    co_return fail(Code::occurrence_passed,
                   "Only the next occurrence can be skipped, or one that waits for money.");
  const auto after = co_await find_schedule(service, payer, *id);
  if (!after) co_return fail(after.error());
  co_return schedule_answer(200, *after, service.config.currency);
}

}  // namespace instapay::transaction
