#include <algorithm>
#include <limits>

#include "core/text.h"
#include "core/time.h"
#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/search_text.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {
namespace {

constexpr std::int64_t kUsualRange_us = 30 * kDay_us;
constexpr std::int64_t kFirstStretch_us = 600 * kSecond_us;
constexpr std::int64_t kStretchGrowth = 8;

constexpr Uuid kLastId = [] {
  Uuid id;
  id.bytes.fill(0xff);
  return id;
}();

struct Search {
  net::Page page;
  std::string user;        // id, e-mail or username; empty: everybody
  std::optional<Uuid> id;  // of the transfer itself: nothing else matters
  std::int64_t from_us = 0, until_us = 0;
  Uuid before = kLastId;  // of everybody's transfers, ids below this
  std::int64_t before_seq = std::numeric_limits<std::int64_t>::max();  // of an account's entries
  std::optional<std::int32_t> kind;
  std::optional<std::string> pattern;
  std::optional<std::int64_t> least_minor, most_minor;
};

std::optional<std::int32_t> kind_of(std::string_view name) {
  const auto kind = ledger::parse_entry_kind(name);
  return kind ? std::optional(static_cast<std::int32_t>(*kind)) : std::nullopt;
}

Result<Search> read_search(const net::Request& request, Currency currency) {
  net::QueryReader query(request);
  Search search;
  search.page = query.page();
  search.user = lower_ascii(trim_blanks(query.text("user", 254).value_or("")));
  if (const auto q = query.text("q", 140)) {
    search.id = Uuid::parse(*q);
    search.pattern = like_pattern(*q);
  }
  search.kind = kind_of(query.choice("kind", {"transfer", "refund", "opening", "adjustment"}));
  search.least_minor = query.amount("minAmount", currency);
  search.most_minor = query.amount("maxAmount", currency);
  const auto from = query.moment("from"), to = query.moment("to");
  if (from && to && from->begins_us > to->ends_us)
    query.mistake("from", "out_of_range", "from must not be after to.");
  // A day ahead: clocks of other machines may be before ours.
  search.until_us = to ? to->ends_us : now_us() + kDay_us;
  if (from) search.from_us = from->begins_us;
  if (!from && search.user.empty()) search.from_us = search.until_us - kUsualRange_us;
  if (!search.page.cursor.empty()) {
    const auto id = Uuid::parse(search.page.cursor);
    search.before = id.value_or(kLastId);
    if (search.user.empty() ? !id : !read_seq(search.page.cursor, search.before_seq))
      query.mistake_in_cursor();
  }
  if (auto error = query.finish()) return fail(std::move(*error));
  return search;
}

// The account that a search is about; a zero id for nobody.
Task<Result<Uuid>> find_account_of(Service& service, const std::string& user) {
  if (const auto id = Uuid::parse(user)) co_return *id;
  auto found = co_await service.payees.find(
      {user, user.contains('@') ? PayeeDirectory::Kind::email : PayeeDirectory::Kind::username});
  if (!found) co_return fail(std::move(found.error()));
  co_return found->value_or(Uuid{});
}

void add_filters(pg::Params& params, const Search& search) {
  if (search.kind) {
    params.add_int16(static_cast<std::int16_t>(*search.kind));
  } else {
    params.add_null();
  }
  params.add(search.pattern).add(search.least_minor).add(search.most_minor);
  params.add(search.page.limit + 1);
}

pg::Params params_of_account(const Search& search, const Uuid& account) {
  pg::Params params;
  params.add(account).add(search.before_seq).add_time(search.from_us).add_time(search.until_us);
  add_filters(params, search);
  return params;
}

pg::Params params_of_everybody(const Search& search, std::int64_t from_us) {
  pg::Params params;
  params.add(search.before).add_time(from_us).add_time(search.until_us);
  add_filters(params, search);
  return params;
}

// Transfers have no index by time alone: looks at the newest stretch of time first, and at longer
// ones while they hold too little, so that the first pages cost the same however many there are.
Task<pg::Result<pg::Rows>> search_everybody(Service& service, Search search) {
  const std::int64_t cursor_us = search.before.unix_ms() * 1000 + 1000;
  search.until_us = std::min(search.until_us, cursor_us);
  const std::int64_t newest_us = std::min(search.until_us, now_us());
  for (std::int64_t stretch_us = kFirstStretch_us;; stretch_us *= kStretchGrowth) {
    const std::int64_t from_us = std::max(newest_us - stretch_us, search.from_us);
    auto rows = co_await service.db.query(queries::transaction::search_transfers,
                                          params_of_everybody(search, from_us));
    if (!rows || rows->size() > search.page.limit || from_us <= search.from_us) co_return rows;
  }
}

}  // namespace

net::Reply search_transfers(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto search = read_search(request, currency);
  if (!search) co_return fail(std::move(search.error()));
  pg::Result<pg::Rows> rows;
  if (search->id) {
    rows = co_await service.db.query(queries::transaction::find_transfer,
                                     pg::Params().add(*search->id));
  } else if (search->user.empty()) {
    rows = co_await search_everybody(service, *search);
  } else {
    const auto account = co_await find_account_of(service, search->user);
    if (!account) co_return fail(account.error());
    rows = co_await service.db.query(queries::transaction::search_entries,
                                     params_of_account(*search, *account));
  }
  if (!rows)
    co_return fail(search->id ? pg::to_error(rows.error())
                              : pg::to_error(rows.error(), net::kNarrowFromTo));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  const int shown = std::min(rows->size(), search->page.limit);
  for (int i = 0; i < shown; ++i) write_detail(json, *rows, i, currency);
  json.end_array();
  std::string last;
  if (shown > 0)
    last = search->user.empty() || search->id ? rows->uuid(shown - 1, 0).to_string()
                                              : std::to_string(rows->int64(shown - 1, 14));
  net::write_page_end(json, rows->size() > shown, last);
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
