#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"

namespace instapay::transaction {

// Whom somebody paid most recently, each once, so that a wallet need not read its history for it.
net::Reply list_payees(Service& service, net::Request& request) {
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  if (*user != request.principal->user_id)
    co_return fail(Code::forbidden, "You may see only whom you paid yourself.");
  net::QueryReader query(request);
  const auto limit = query.page().limit;
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto rows = co_await service.db.query(queries::transaction::list_payees,
                                              pg::Params().add(*user).add(limit));
  if (!rows) co_return fail(pg::to_error(rows.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (int i = 0; i < rows->size(); ++i)
    write_public_user(json, rows->uuid(i, 0), rows->text(i, 1), rows->text(i, 2));
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::transaction
