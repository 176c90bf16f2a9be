#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

// What a link shows to whoever has it, without an account: who asks for what, and whether that can
// still be paid. Nothing else, and no id.
net::Reply get_request_link(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  const auto rows = co_await service.db.query(queries::transaction::find_request_of_code,
                                              pg::Params().add(request.params.at(0)));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::request_not_found, "There is no such payment request.");
  const AskedPayment asked = read_request(*rows, 0);
  net::Response response{200, "application/json"};
  response.header("Cache-Control", "no-store");
  JsonWriter json(response.body);
  json.begin_object().field("payeeName", asked.payee.display_name);
  json.key("amount");
  if (asked.amount_minor) {
    json.amount(*asked.amount_minor, currency);
  } else {
    json.null();
  }
  json.field("currency", currency.code).field_or_null("note", asked.note);
  json.field("status", name_of(asked.state)).end_object();
  co_return response;
}

}  // namespace instapay::transaction
