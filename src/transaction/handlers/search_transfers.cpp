#include <algorithm>

#include "core/time.h"
#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/search_text.h"

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
  Uuid before = kLastId;
  std::optional<std::int32_t> kind;
  std::optional<std::string> pattern;
  std::optional<std::int64_t> least_minor, most_minor;
};

std::optional<std::int32_t> kind_of(std::string_view name) {
  using enum ledger::TransferKind;
  for (const auto kind : {transfer, refund, opening, adjustment})
    if (name == name_of(kind)) return static_cast<std::int32_t>(kind);
  return std::nullopt;
}

Result<Search> read_search(const net::Request& request, Currency currency) {
  net::QueryReader query(request);
  Search search;
  search.page = query.page();
  search.user = query.text("user", 254).value_or("");
  std::ranges::transform(search.user, search.user.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
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
    if (const auto id = Uuid::parse(search.page.cursor)) {
      search.before = *id;
    } else {
      query.mistake("cursor", "invalid_format", "cursor must come from nextCursor.");
    }
  }
  if (auto error = query.finish()) return fail(std::move(*error));
  return search;
}

// The account that a search is about; a zero id for nobody.
Task<Result<Uuid>> find_account_of(Service& service, const std::string& user) {
  if (const auto id = Uuid::parse(user)) co_return *id;
  const bool email = user.contains('@');
  auto found =
      email ? co_await service.payees.by_email(user) : co_await service.payees.by_username(user);
  if (!found) co_return fail(std::move(found.error()));
  co_return found->value_or(Uuid{});
}

pg::Params params_of(const Search& search, std::optional<Uuid> account, std::int64_t from_us) {
  pg::Params params;
  params.add(account).add(std::min(search.before, Uuid::first_v7(search.until_us)));
  params.add(Uuid::first_v7(search.from_us)).add_time(search.until_us).add_time(from_us);
  if (search.kind) {
    params.add_int16(static_cast<std::int16_t>(*search.kind));
  } else {
    params.add_null();
  }
  params.add(search.pattern).add(search.least_minor).add(search.most_minor);
  params.add(search.page.limit + 1);
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
                                          params_of(search, std::nullopt, from_us));
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
    pg::Params params;
    params.add(*search->id).add_time(search->id->unix_ms() * 1000);
    rows = co_await service.db.query(queries::transaction::find_transfer, std::move(params));
  } else if (search->user.empty()) {
    rows = co_await search_everybody(service, *search);
  } else {
    const auto account = co_await find_account_of(service, search->user);
    if (!account) co_return fail(account.error());
    rows = co_await service.db.query(queries::transaction::search_transfers,
                                     params_of(*search, *account, search->from_us));
  }
  if (!rows) co_return fail(pg::to_error(rows.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  const int shown = std::min(rows->size(), search->page.limit);
  for (int i = 0; i < shown; ++i) write_detail(json, *rows, i, currency);
  json.end_array();
  net::write_page_end(json, rows->size() > shown,
                      shown > 0 ? rows->uuid(shown - 1, 0).to_string() : std::string());
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
