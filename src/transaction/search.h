#pragma once
// Search for transfers, for operators: a walk along the entries, everybody's or one account's,
// newest first, over a bounded number of rows. What is rare among everybody's the indexes of
// transfer_search find. A page that ends because the rows are used up is short, and the next one
// goes on.
#include <optional>
#include <string>
#include <vector>

#include "transaction/service.h"

namespace instapay::transaction {

/// One statement looks at so many rows, one request at so many times that.
inline constexpr std::int32_t kWalk_rows = 20'000;
inline constexpr int kWalksMax = 5;
/// First it looks at fewer: what is common is among them, what is rare the indexes find.
inline constexpr std::int32_t kFirstWalk_rows = 2'000;
/// One account's entries lie apart.
inline constexpr std::int32_t kAccountWalk_rows = 10'000;
inline constexpr int kAccountWalksMax = 2;
/// With more rows that come into question an index says nothing: walking on finds them soon.
inline constexpr std::int32_t kCandidatesMax = 10'000;
/// How many transfers that are not indexed yet a search may read beside the index.
inline constexpr std::int32_t kOpenMax = 20'000;

struct Search {
  int limit = 0;
  std::int64_t from_us = 0, until_us = 0;
  Uuid before{};                // of everybody's transfers: ids below this
  std::int64_t before_seq = 0;  // of an account's entries: numbers below this
  std::optional<std::int16_t> kind;
  std::optional<std::string> pattern;
  std::optional<std::int64_t> least_minor, most_minor;
  std::optional<Uuid> reference;

  bool narrows() const { return kind || pattern || least_minor || most_minor || reference; }
};

/// A page, for write_detail(), newest first.
struct SearchPage {
  struct Item {
    std::size_t set;
    int row;
  };
  std::vector<pg::Rows> sets;
  std::vector<Item> items;
  std::string next;  // cursor; empty at the end

  const pg::Rows& rows_of(const Item& item) const { return sets[item.set]; }
};

Task<pg::Result<SearchPage>> search_everybody(pg::Pool& db, Search search);
Task<pg::Result<SearchPage>> search_account(pg::Pool& db, const Uuid& account, Search search);

}  // namespace instapay::transaction
