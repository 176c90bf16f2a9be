#include "transaction/search.h"

#include <algorithm>

#include "core/time.h"
#include "queries.h"

namespace instapay::transaction {
namespace {

namespace q = queries::transaction;

// Columns behind those of write_detail().
constexpr int kWalked = 14, kReached = 15, kOutcome = 14;
constexpr int kSeq = 14, kAccountWalked = 15, kAccountReached = 16;

// What find_transfers() answers.
enum class Outcome : std::int8_t { found, too_common, not_indexed };

void add_filters(pg::Params& params, const Search& search) {
  if (search.kind) {
    params.add_int16(*search.kind);
  } else {
    params.add_null();
  }
  params.add(search.pattern).add(search.least_minor).add(search.most_minor).add(search.limit + 1);
}

// Whether an index of transfer_search may know what is asked for.
bool has_indexed(const Search& search) {
  const bool is_rare_kind =
      search.kind && *search.kind != static_cast<std::int16_t>(ledger::EntryKind::transfer);
  return search.reference || search.pattern || search.least_minor || search.most_minor ||
         is_rare_kind;
}

// The rows of a page under way, in its order.
class Collector {
 public:
  explicit Collector(int limit) : limit_(static_cast<std::size_t>(limit)) {}

  /// Where nothing was found a set has one row, which says only how it went.
  void add(pg::Rows rows) {
    const std::size_t set = page_.sets.size();
    for (int i = 0; i < rows.size(); ++i)
      if (!rows.is_null(i, 0)) page_.items.push_back({set, i});
    page_.sets.push_back(std::move(rows));
  }
  bool is_full() const { return page_.items.size() > limit_; }

  /// The next page goes on behind the last row of a full one, else from `reached`, if any.
  SearchPage finish(std::string reached, auto cursor_of) {
    page_.next = std::move(reached);
    if (is_full()) {
      page_.items.resize(limit_);
      const SearchPage::Item& last = page_.items.back();
      page_.next = cursor_of(page_.rows_of(last), last.row);
    }
    return std::move(page_);
  }

 private:
  SearchPage page_;
  std::size_t limit_;
};

pg::Params params_of_everybody(const Search& search) {
  pg::Params params;
  params.add(search.before).add_time(search.from_us).add_time(search.until_us);
  add_filters(params, search);
  return params;
}

pg::Params params_of_account(const Search& search, const Uuid& account) {
  pg::Params params;
  params.add(account).add(search.before_seq).add_time(search.from_us).add_time(search.until_us);
  add_filters(params, search);
  return params;
}

}  // namespace

Task<pg::Result<SearchPage>> search_everybody(pg::Pool& db, Search search) {
  // An id begins with the milliseconds of its transfer's time.
  search.before = std::min(search.before, Uuid::first_v7(search.until_us + 1000));
  const Uuid lowest = Uuid::first_v7(search.from_us);
  Collector found(search.limit);
  std::int32_t rows_max = search.narrows() ? kFirstWalk_rows : search.limit + 1;
  bool ended = false, may_ask = has_indexed(search);
  for (int walk = 1; !ended && !found.is_full() && walk <= kWalksMax; ++walk) {
    auto walked = co_await db.query(
        q::search_transfers,
        std::move(params_of_everybody(search).add(rows_max).add(lowest).add(search.reference)));
    if (!walked) co_return std::unexpected(walked.error());
    ended = walked->int64(0, kWalked) < rows_max;
    if (!ended) search.before = walked->uuid(0, kReached);
    found.add(std::move(*walked));
    rows_max = kWalk_rows;
    if (ended || found.is_full() || !may_ask) continue;
    auto indexed = co_await db.query(
        q::find_transfers,
        std::move(
            params_of_everybody(search).add(kCandidatesMax).add(kOpenMax).add(search.reference)));
    if (!indexed) co_return std::unexpected(indexed.error());
    const auto outcome = static_cast<Outcome>(indexed->int64(0, kOutcome));
    ended = outcome == Outcome::found;
    may_ask = outcome == Outcome::not_indexed;
    if (ended) found.add(std::move(*indexed));
  }
  co_return found.finish(
      ended ? std::string() : search.before.to_string(),
      [](const pg::Rows& rows, int row) { return rows.uuid(row, 0).to_string(); });
}

Task<pg::Result<SearchPage>> search_account(pg::Pool& db, const Uuid& account, Search search) {
  Collector found(search.limit);
  std::int32_t rows_max = search.narrows() ? kAccountWalk_rows : search.limit + 1;
  bool ended = false;
  for (int walk = 1; !ended && !found.is_full() && walk <= kAccountWalksMax; ++walk) {
    auto walked = co_await db.query(q::search_entries,
                                    std::move(params_of_account(search, account).add(rows_max)));
    if (!walked) co_return std::unexpected(walked.error());
    ended = walked->int64(0, kAccountWalked) < rows_max;
    if (!ended) search.before_seq = walked->int64(0, kAccountReached);
    found.add(std::move(*walked));
    rows_max = kAccountWalk_rows;
  }
  co_return found.finish(
      ended ? std::string() : std::to_string(search.before_seq),
      [](const pg::Rows& rows, int row) { return std::to_string(rows.int64(row, kSeq)); });
}

}  // namespace instapay::transaction
