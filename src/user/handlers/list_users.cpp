#include "core/text.h"
#include "net/page.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"

namespace instapay::user {
namespace {

struct Search {
  net::Page page;
  std::optional<Uuid> before;
  std::optional<std::string> prefix;
  std::optional<ledger::AccountStatus> status;
};

Result<Search> read_search(const net::Request& request) {
  net::QueryReader query(request);
  Search search;
  search.page = query.page();
  search.prefix = query.text("q", kEmailMax_bytes);
  if (search.prefix) search.prefix = lower_ascii(trim_blanks(*search.prefix));
  search.status =
      ledger::parse_account_status(query.choice("status", {"active", "frozen", "closed"}));
  search.before = query.id_cursor(search.page);
  if (auto error = query.finish()) return fail(std::move(*error));
  return search;
}

}  // namespace

net::Reply list_users(Service& service, net::Request& request) {
  auto search = read_search(request);
  if (!search) co_return fail(std::move(search.error()));

  pg::Params params;
  if (search->prefix) params.add(*search->prefix);
  params.add(search->before).add(search->page.limit + 1);
  if (search->status) {
    params.add_int16(static_cast<std::int16_t>(*search->status));
  } else {
    params.add_null();
  }
  const auto& statement = search->prefix ? queries::user::search_users : queries::user::list_users;
  auto rows = co_await service.db.query(statement, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error(), "ask without status, or for a longer q"));
  const auto write = [&](JsonWriter& json, int i) {
    write_user(json, read_user(*rows, i), service.config.currency);
  };
  co_return net::page_answer(rows->size(), search->page, write,
                             [&](int i) { return rows->uuid(i, 0).to_string(); });
}

}  // namespace instapay::user
