#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"
#include "user/pins.h"

namespace instapay::user {

net::Reply get_factors(Service& service, net::Request& request) {
  const auto rows = co_await service.db.query(queries::user::find_factors,
                                              pg::Params().add(request.principal->user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  const auto passkeys = co_await service.db.query(queries::user::list_passkeys,
                                                  pg::Params().add(request.principal->user_id));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  const auto pins = co_await find_pins(service, request.principal->user_id);
  if (!pins) co_return fail(pins.error());
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("totp");
  if (const auto since = rows->optional_time_us(0, 0)) {
    json.begin_object().key("since").time(*since).end_object();
  } else {
    json.null();
  }
  json.key("passkeys").begin_array();
  for (const auto& passkey : *passkeys) write_passkey(json, passkey);
  json.end_array();
  json.field("recoveryCodesLeft", rows->int64(0, 1)).key("stepUp").begin_object().key("above");
  json.amount_or_null(rows->optional_int64(0, 2), service.config.currency);
  json.field("newPayees", rows->boolean(0, 3)).end_object().key("pin");
  write_pins(json, *pins, service.config, request.principal->session_id);
  json.end_object();
  co_return response;
}

}  // namespace instapay::user
