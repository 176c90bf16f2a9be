#include "ledger/store/durable.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

net::Reply remove_block(Service& service, net::Request& request) {
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  const auto done = co_await service.db.query(
      queries::transaction::remove_block, pg::Params().add(request.principal->user_id).add(*user));
  if (!done) co_return fail(pg::to_error(done.error()));
  if (done->affected() == 0)
    if (auto durable = co_await ledger::until_durable(service.db); !durable)
      co_return fail(std::move(durable.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::transaction
