#include "core/time.h"
#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/search.h"
#include "transaction/search_text.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {
namespace {

struct Filter {
  net::Page page;
  std::int64_t before = kFirstPage;  // numbers below this
  std::optional<std::int64_t> from_us, until_us;
  std::int32_t sign = 0;  // 1 in, -1 out, 0 both
  std::optional<std::string> pattern;
  std::optional<Uuid> counterparty;
  std::optional<std::int64_t> least_minor, most_minor;

  bool narrows() const { return sign != 0 || pattern || counterparty || least_minor || most_minor; }
};

// What is on a page, and below which number the next one looks: 0 when there is none.
struct Found {
  std::vector<pg::Rows> sets;  // of list_entries, or of filter_entries
  std::int64_t next = 0;
};

constexpr int kSeq = 10, kWalked = 13, kReached = 14;

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

pg::Params params_of(const Uuid& user, const Filter& filter) {
  pg::Params params;
  params.add(user).add(filter.before);
  params.add_optional_time(filter.from_us).add_optional_time(filter.until_us);
  return params;
}

Task<pg::Result<Found>> list_all(Service& service, const Uuid& user, const Filter& filter) {
  auto rows =
      co_await service.db.query(queries::transaction::list_entries,
                                std::move(params_of(user, filter).add(filter.page.limit + 1)));
  if (!rows) co_return std::unexpected(rows.error());
  Found found;
  if (rows->size() > filter.page.limit) found.next = rows->int64(filter.page.limit - 1, kSeq);
  found.sets.push_back(std::move(*rows));
  co_return found;
}

// Looks at so many entries and no more, so that what nobody ever wrote costs little too.
Task<pg::Result<Found>> find_some(Service& service, const Uuid& user, Filter filter) {
  Found found;
  int wanted = filter.page.limit;
  for (int walk = 1;; ++walk) {
    pg::Params params = params_of(user, filter);
    params.add_int16(static_cast<std::int16_t>(filter.sign)).add(filter.pattern);
    params.add(filter.least_minor).add(filter.most_minor).add(filter.counterparty);
    params.add(wanted + 1).add(kAccountWalk_rows);
    auto rows = co_await service.db.query(queries::transaction::filter_entries, std::move(params));
    if (!rows) co_return std::unexpected(rows.error());
    const bool ended = rows->int64(0, kWalked) < kAccountWalk_rows;
    const int count = rows->is_null(0, 0) ? 0 : rows->size();
    if (count > wanted) {
      found.next = wanted > 0 ? rows->int64(wanted - 1, kSeq) : filter.before;
    } else {
      found.next = ended ? 0 : rows->int64(0, kReached);
    }
    filter.before = found.next;
    if (count > 0) found.sets.push_back(std::move(*rows));
    if (ended || count > wanted || walk == kAccountWalksMax) co_return found;
    wanted -= count;
  }
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
  auto found = filtered ? co_await find_some(service, *user, *filter)
                        : co_await list_all(service, *user, *filter);
  if (!found)
    co_return fail(filtered ? pg::to_error(found.error(), net::kNarrowFromTo)
                            : pg::to_error(found.error()));
  if (found->next == 0 && (found->sets.empty() || found->sets.front().empty())) {
    // An empty page is only for those who exist.
    auto account =
        co_await service.db.query(queries::transaction::find_account, pg::Params().add(*user));
    if (!account) co_return fail(pg::to_error(account.error()));
    if (account->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  }

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  int room = filter->page.limit;
  for (const pg::Rows& rows : found->sets)
    for (int i = 0; i < rows.size() && room > 0; ++i, --room)
      write_entry(json, rows, i, *user, service.config.currency);
  json.end_array();
  net::write_page_end(json, found->next != 0, std::to_string(found->next));
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
