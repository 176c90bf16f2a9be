#include "ledger/store/durable.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

// Its payer refuses it, or its payee takes it back: what was answered as cancelled is never paid.
net::Reply cancel_draw(Service& service, net::Request& request) {
  constexpr std::int16_t kCancelled = 3;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& principal = *request.principal;
  const auto cancelled = co_await service.db.query(queries::transaction::cancel_draw,
                                                   pg::Params().add(*id).add(principal.user_id));
  if (!cancelled) co_return fail(pg::to_error(cancelled.error()));
  const auto draw = co_await find_draw(service, principal, *id);
  if (!draw) co_return fail(draw.error());
  const DrawRow row = draw->front();
  if (row.payer_id != principal.user_id && row.payee_id != principal.user_id)
    co_return fail(Code::forbidden, "This is not yours to cancel.");
  if (!cancelled->front().cancelled) {
    // Another commit is told of, perhaps that of the same call before: not before it is durable.
    if (auto durable = co_await ledger::until_durable(service.db); !durable)
      co_return fail(std::move(durable.error()));
    if (row.status != kCancelled)
      co_return fail(Code::draw_settled, "This draw is paid, or has failed.");
  }
  co_return draw_answer(200, row, *request.principal, service.config.currency);
}

}  // namespace instapay::transaction
