#include <limits>

#include "core/time.h"
#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/search_text.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {
namespace {

struct Filter {
  net::Page page;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();  // numbers below this
  std::optional<std::int64_t> from_us, until_us;
  std::int32_t sign = 0;  // 1 in, -1 out, 0 both
  std::optional<std::string> pattern;
  std::optional<Uuid> counterparty;
  std::optional<std::int64_t> least_minor, most_minor;

  bool narrows() const { return sign != 0 || pattern || counterparty || least_minor || most_minor; }
};

Result<Filter> read_filter(const net::Request& request, Currency currency) {
  net::QueryReader query(request);
  Filter filter;
  filter.page = query.page();
  const auto direction = query.choice("direction", {"in", "out"});
  filter.sign = direction == "in" ? 1 : direction == "out" ? -1 : 0;
  const auto from = query.moment("from"), to = query.moment("to");
  if (from) filter.from_us = from->begins_us;
  if (to) filter.until_us = to->ends_us;
  if (from && to && from->begins_us > to->begins_us)
    query.mistake("from", "out_of_range", "from must not be after to.");
  if (auto q = query.text("q", 64)) filter.pattern = like_pattern(*q);
  filter.counterparty = query.id("counterparty");
  filter.least_minor = query.amount("minAmount", currency);
  filter.most_minor = query.amount("maxAmount", currency);
  if (!filter.page.cursor.empty() && !read_seq(filter.page.cursor, filter.before))
    query.mistake_in_cursor();
  if (auto error = query.finish()) return fail(std::move(*error));
  return filter;
}

}  // namespace

net::Reply list_transfers(Service& service, net::Request& request) {
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  if (*user != request.principal->user_id && !request.principal->is_staff())
    co_return fail(Code::forbidden, "You may see only your own history.");
  auto filter = read_filter(request, service.config.currency);
  if (!filter) co_return fail(std::move(filter.error()));

  const bool filtered = filter->narrows();
  pg::Params params;
  params.add(*user).add(filter->before);
  params.add_optional_time(filter->from_us).add_optional_time(filter->until_us);
  if (filtered) {
    params.add_int16(static_cast<std::int16_t>(filter->sign)).add(filter->pattern);
    params.add(filter->least_minor).add(filter->most_minor);
    params.add(filter->counterparty);
  }
  params.add(filter->page.limit + 1);
  auto rows = co_await service.db.query(
      filtered ? queries::transaction::filter_entries : queries::transaction::list_entries,
      std::move(params));
  if (!rows)
    co_return fail(filtered ? pg::to_error(rows.error(), net::kNarrowFromTo)
                            : pg::to_error(rows.error()));
  if (rows->empty()) {
    // An empty page is only for those who exist.
    auto account =
        co_await service.db.query(queries::transaction::find_account, pg::Params().add(*user));
    if (!account) co_return fail(pg::to_error(account.error()));
    if (account->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  }

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  const int shown = std::min(rows->size(), filter->page.limit);
  for (int i = 0; i < shown; ++i) write_entry(json, *rows, i, *user, service.config.currency);
  json.end_array();
  net::write_page_end(json, rows->size() > shown,
                      shown > 0 ? std::to_string(rows->int64(shown - 1, 10)) : std::string());
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
