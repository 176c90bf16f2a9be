#include <algorithm>

#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"

namespace instapay::transaction {
namespace {

struct Search {
  net::Page page;
  bool received = false;
  std::optional<Uuid> before;
  std::optional<std::int16_t> state;
};

Result<Search> read_search(const net::Request& request) {
  net::QueryReader query(request);
  Search search;
  search.page = query.page();
  search.received = query.choice("direction", {"sent", "received"}, "sent") == "received";
  const std::string state = query.choice("status", {"open", "captured", "released", "expired"});
  if (const auto* const found = std::ranges::find(kHoldStates, state);
      found != std::end(kHoldStates))
    search.state = static_cast<std::int16_t>(found - std::begin(kHoldStates));
  search.before = query.id_cursor(search.page);
  if (auto error = query.finish()) return fail(std::move(*error));
  return search;
}

}  // namespace

net::Reply list_holds(Service& service, net::Request& request) {
  const auto search = read_search(request);
  if (!search) co_return fail(search.error());
  pg::Params params;
  params.add(request.principal->user_id).add(search->before);
  if (search->state) {
    params.add_int16(*search->state);
  } else {
    params.add_null();
  }
  params.add(search->page.limit + 1);
  const pg::Statement statement = search->received
                                      ? pg::Statement(queries::transaction::list_holds_of_payee)
                                      : pg::Statement(queries::transaction::list_holds_of_payer);
  auto found = co_await service.db.query(statement, std::move(params));
  if (!found) co_return fail(pg::to_error(found.error()));
  const pg::TypedRows<queries::transaction::FindHoldRow> rows(std::move(*found));
  const auto write = [&](JsonWriter& json, int i) {
    json.begin_object();
    write_hold(json, read_hold(rows[i]), service.config.currency);
    json.end_object();
  };
  co_return net::page_answer(rows.size(), search->page, write,
                             [&](int i) { return rows[i].id.to_string(); });
}

}  // namespace instapay::transaction
