#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

// What a link shows to whoever has it, without an account: who asks for what, and whether that can
// still be paid. Nothing else, and no id.
net::Reply get_request_link(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  const auto asked = co_await find_request_of_code(service, request.params.at(0));
  if (!asked) co_return fail(asked.error());
  net::Response response{200, "application/json"};
  response.header("Cache-Control", "no-store");
  JsonWriter json(response.body);
  json.begin_object().field("payeeName", asked->payee.display_name);
  json.key("amount").amount_or_null(asked->amount_minor, currency);
  json.field("currency", currency.code).field_or_null("note", asked->note);
  json.field("status", name_of(asked->state)).end_object();
  co_return response;
}

}  // namespace instapay::transaction
