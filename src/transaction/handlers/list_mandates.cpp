#include <algorithm>

#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply list_mandates(Service& service, net::Request& request) {
  net::QueryReader query(request);
  const net::Page page = query.page();
  const std::string role = query.choice("role", {"payer", "payee"});
  const std::string status =
      query.choice("status", {"proposed", "active", "declined", "cancelled", "expired"});
  const auto before = query.id_cursor(page);
  if (auto error = query.finish()) co_return fail(std::move(*error));
  pg::Params params;
  params.add(request.principal->user_id).add(before);
  const auto* const state = std::ranges::find(kMandateStates, status);
  if (state != std::end(kMandateStates)) {
    params.add_int16(static_cast<std::int16_t>(state - std::begin(kMandateStates)));
  } else {
    params.add_null();
  }
  params.add(page.limit + 1).add(role != "payee").add(role != "payer");
  const auto rows =
      co_await service.db.query(queries::transaction::list_mandates, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    json.begin_object();
    write_mandate(json, read_mandate((*rows)[i]), service.config.currency);
    json.end_object();
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return (*rows)[i].id.to_string(); });
}

}  // namespace instapay::transaction
