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

constexpr std::int64_t kUsualRange_us = 30 * kDay_us;

constexpr Uuid kLastId = [] {
  Uuid id;
  id.bytes.fill(0xff);
  return id;
}();

struct Query : Search {
  std::optional<PayeeDirectory::Name> user;  // none: everybody
  std::optional<Uuid> id;                    // of the transfer itself: nothing else matters
};

std::optional<std::int16_t> kind_of(std::string_view name) {
  const auto kind = ledger::parse_entry_kind(name);
  return kind ? std::optional(static_cast<std::int16_t>(*kind)) : std::nullopt;
}

Result<Query> read_query(const net::Request& request, Currency currency) {
  net::QueryReader reader(request);
  Query query;
  const net::Page page = reader.page();
  query.limit = page.limit;
  if (const auto user = reader.text("user", 254)) query.user = PayeeDirectory::Name::of_any(*user);
  if (const auto q = reader.text("q", 140)) {
    query.id = Uuid::parse(*q);
    query.pattern = like_pattern(*q);
  }
  query.kind =
      kind_of(reader.choice("kind", {"transfer", "refund", "opening", "adjustment", "capture"}));
  query.least_minor = reader.amount("minAmount", currency);
  query.most_minor = reader.amount("maxAmount", currency);
  const auto from = reader.moment("from"), to = reader.moment("to");
  if (from && to && from->begins_us > to->ends_us)
    reader.mistake("from", "out_of_range", "from must not be after to.");
  // A day ahead: clocks of other machines may be before ours.
  query.until_us = to ? to->ends_us : now_us() + kDay_us;
  if (from) query.from_us = std::max<std::int64_t>(from->begins_us, 0);
  if (!from && !query.user) query.from_us = query.until_us - kUsualRange_us;
  query.before = kLastId;
  query.before_seq = kFirstPage;
  if (!page.cursor.empty()) {
    const auto id = Uuid::parse(page.cursor);
    query.before = id.value_or(kLastId);
    if (!query.user || query.id ? !id : !read_seq(page.cursor, query.before_seq))
      reader.mistake_in_cursor();
  }
  if (auto error = reader.finish()) return fail(std::move(*error));
  return query;
}

// The account that a search is about; a zero id for nobody. An address that was an erased user's
// may be another's by now.
Task<Result<Uuid>> find_account_of(Service& service, const PayeeDirectory::Name& user) {
  if (user.kind == PayeeDirectory::Kind::id) co_return *Uuid::parse(user.text);
  auto found = co_await service.payees.find_anew(user);
  if (!found) co_return fail(std::move(found.error()));
  co_return found->value_or(Uuid{});
}

// The transfer with this id, else what was paid under this reference, at whatever time.
Task<pg::Result<SearchPage>> find_by_id(pg::Pool& db, Query query) {
  auto rows = co_await db.query(queries::transaction::find_transfer, pg::Params().add(*query.id));
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->empty()) {
    Search search;
    search.limit = query.limit;
    search.until_us = now_us() + kDay_us;
    search.before = query.before;
    search.reference = query.id;
    co_return co_await search_everybody(db, search);
  }
  SearchPage page;
  page.items.push_back({0, 0});
  page.sets.push_back(std::move(*rows));
  co_return page;
}

}  // namespace

net::Reply search_transfers(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto query = read_query(request, currency);
  if (!query) co_return fail(std::move(query.error()));
  pg::Result<SearchPage> page;
  if (query->id) {
    page = co_await find_by_id(service.db, *query);
  } else if (!query->user) {
    page = co_await search_everybody(service.db, *query);
  } else {
    const auto account = co_await find_account_of(service, *query->user);
    if (!account) co_return fail(account.error());
    page = co_await search_account(service.db, *account, *query);
  }
  if (!page)
    co_return fail(query->id ? pg::to_error(page.error())
                             : pg::to_error(page.error(), net::kNarrowFromTo));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (const SearchPage::Item& item : page->items)
    write_detail(json, page->rows_of(item), item.row, currency);
  json.end_array();
  net::write_page_end(json, !page->next.empty(), page->next);
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
