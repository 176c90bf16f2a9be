#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply get_mandate(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto mandate = co_await find_mandate(service, *request.principal, *id);
  if (!mandate) co_return fail(mandate.error());
  const auto coming =
      co_await service.db.query(queries::transaction::list_coming_draws,
                                pg::Params().add(*id).add(std::int32_t{kDrawsShown}));
  if (!coming) co_return fail(pg::to_error(coming.error()));
  const auto last = co_await service.db.query(
      queries::transaction::list_draws,
      pg::Params().add(*id).add(std::optional<Uuid>()).add(std::int32_t{kDrawsShown}));
  if (!last) co_return fail(pg::to_error(last.error()));

  const Currency currency = service.config.currency;
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_mandate(json, *mandate, currency);
  json.key("coming").begin_array();
  for (const auto& row : *coming) write_draw(json, row, *request.principal, currency);
  json.end_array().key("draws").begin_array();
  for (const auto& row : *last) write_draw(json, row, *request.principal, currency);
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::transaction
