#include "queries.h"
#include "telemetry/log.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply remove_factors(Service& service, net::Request& request) {
  if (auto proven = co_await prove_for_factor_change(service, request); !proven)
    co_return fail(std::move(proven.error()));
  const Uuid& id = request.principal->user_id;
  pg::Params params;
  params.add(id).add(service.config.sends_mails());
  const auto rows = co_await service.db.query(queries::user::remove_factors, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_factor();
  co_await service.revocations.catch_up();
  log::info("second factor removed", {{"user.id", id.to_string()}});
  co_return net::Response::no_content();
}

}  // namespace instapay::user
