#include "ledger/store/durable.h"
#include "transaction/handlers/handlers.h"
#include "transaction/splits.h"

namespace instapay::transaction {

// One request after the other, each a transaction of its own: payments take the rows of several
// requests in any order, and whoever held one and waited for another could wait for ever.
net::Reply cancel_split(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& principal = *request.principal;
  auto split = co_await find_split(service, principal, *id);
  if (!split) co_return fail(std::move(split.error()));
  if (split->rows.front().user_id != principal.user_id)
    co_return fail(Code::forbidden, "This is not yours to cancel.");
  std::int64_t cancelled = 0;
  for (const SplitPerson& person : split->people) {
    if (person.asked.state != RequestState::open) continue;
    const auto rows =
        co_await service.db.query(queries::transaction::cancel_request,
                                  pg::Params().add(person.asked.id).add(principal.user_id));
    if (!rows) co_return fail(pg::to_error(rows.error()));
    cancelled += rows->affected();
  }
  split = co_await find_split(service, principal, *id);
  if (!split) co_return fail(std::move(split.error()));
  // Others' commits alone are told of, perhaps those of the same call before.
  if (cancelled == 0)
    if (auto durable = co_await ledger::until_durable(service.db); !durable)
      co_return fail(std::move(durable.error()));
  co_return split_answer(200, *split, principal, service.config.currency);
}

}  // namespace instapay::transaction
