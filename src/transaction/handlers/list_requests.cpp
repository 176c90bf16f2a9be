#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {
namespace {

struct Search {
  net::Page page;
  bool received = false;
  std::optional<Uuid> before;
  std::optional<RequestState> state;
};

Result<Search> read_search(const net::Request& request) {
  net::QueryReader query(request);
  Search search;
  search.page = query.page();
  search.received = query.choice("direction", {"sent", "received"}, "sent") == "received";
  search.state = parse_request_state(
      query.choice("status", {"open", "paid", "partly_paid", "declined", "cancelled", "expired"}));
  search.before = query.id_cursor(search.page);
  if (auto error = query.finish()) return fail(std::move(*error));
  return search;
}

}  // namespace

net::Reply list_requests(Service& service, net::Request& request) {
  const auto search = read_search(request);
  if (!search) co_return fail(search.error());
  const net::Principal& viewer = *request.principal;
  pg::Params params;
  params.add(viewer.user_id).add(search->before);
  if (search->state) {
    params.add_int16(static_cast<std::int16_t>(*search->state));
  } else {
    params.add_null();
  }
  params.add(search->page.limit + 1);
  const auto rows =
      co_await service.db.query(search->received ? queries::transaction::list_requests_of_payer
                                                 : queries::transaction::list_requests_of_payee,
                                std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    json.begin_object();
    write_request(json, read_request(*rows, i), viewer, service.config.currency);
    json.end_object();
  };
  co_return net::page_answer(rows->size(), search->page, write,
                             [&](int i) { return rows->uuid(i, 0).to_string(); });
}

}  // namespace instapay::transaction
