#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"

namespace instapay::transaction {

net::Reply get_transfer(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto rows =
      co_await service.db.query(queries::transaction::find_transfer, pg::Params().add(*id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  // Somebody else's is as good as none.
  const net::Principal& principal = *request.principal;
  if (rows->empty() || !(is_side(*rows, principal.user_id) || principal.is_staff()))
    co_return fail(Code::transaction_not_found, "There is no such transaction.");

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  write_detail(json, *rows, 0, service.config.currency);
  co_return response;
}

}  // namespace instapay::transaction
