#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

net::Reply get_request(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& viewer = *request.principal;
  const auto asked = co_await find_visible_request(service, viewer, *id);
  if (!asked) co_return fail(asked.error());
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_request(json, *asked, viewer, currency);
  if (asked->is_payee(viewer.user_id) || viewer.is_staff()) {
    const auto sums = co_await service.db.query(queries::transaction::sum_request_payments,
                                                pg::Params().add(asked->payee.id).add(*id));
    if (!sums) co_return fail(pg::to_error(sums.error()));
    json.key("payments").begin_object().field("count", sums->int64(0, 0));
    json.key("amount").amount(sums->total(0, 1), currency);
    json.key("refunded").amount(sums->total(0, 2), currency);
    json.end_object();
  }
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
