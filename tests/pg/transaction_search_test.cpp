#include <gmock/gmock.h>

#include <limits>

#include "pg/transfers.h"
#include "queries.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using ::testing::ElementsAre;
using testing::rows_of;
using testing::Transfers;
namespace q = queries::transaction;

struct Search {
  std::optional<Uuid> account;  // none: everybody's
  std::string from = "2006-01-01T00:00:00Z", until = "2007-01-01T00:00:00Z";
  std::optional<Uuid> before;
  std::int64_t before_seq = std::numeric_limits<std::int64_t>::max();
  std::optional<std::int16_t> kind;
  std::optional<std::string> pattern;
  std::optional<std::int64_t> least, most;
  int limit = 10;
};

std::vector<Uuid> ids_of(const pg::Rows& rows) {
  std::vector<Uuid> ids;
  for (int i = 0; i < rows.size(); ++i) ids.push_back(rows.uuid(i, 0));
  return ids;
}

std::vector<Uuid> find(const Search& search) {
  static auto db = Database::connect("transaction");
  const std::int64_t from = *parse_time(search.from), until = *parse_time(search.until);
  Params params;
  if (search.account) {
    params.add(*search.account).add(search.before_seq);
  } else {
    params.add(search.before.value_or(Uuid::first_v7(until)));
  }
  params.add_time(from).add_time(until);
  if (search.kind) {
    params.add_int16(*search.kind);
  } else {
    params.add_null();
  }
  params.add(search.pattern).add(search.least).add(search.most).add(search.limit);
  return ids_of(
      rows_of(db.query(search.account ? q::search_entries : q::search_transfers, params)));
}

TEST(SearchTransfers, OfEverybodyAndOfOne) {
  Transfers make;
  const Uuid a = make.user("search1a"), b = make.user("search1b"), c = make.user("search1c");
  const Uuid first = make.transfer(a, b, 100, "2006-01-01T00:00:00Z", "lunch 100%").id;
  const Uuid second = make.transfer(b, c, 200, "2006-02-01T00:00:00Z", "Rent").id;
  const Uuid third = make.transfer(c, a, 300, "2006-03-01T00:00:00Z", "", 4).id;
  make.transfer(c, a, 300, "2007-01-01T00:00:00Z");

  EXPECT_THAT(find({}), ElementsAre(third, second, first));
  EXPECT_THAT(find({.limit = 2}), ElementsAre(third, second));
  EXPECT_THAT(find({.before = second}), ElementsAre(first));
  EXPECT_THAT(find({.from = "2006-02-01T00:00:00Z", .until = "2006-03-01T00:00:00Z"}),
              ElementsAre(second));
  EXPECT_THAT(find({.kind = std::int16_t{4}}), ElementsAre(third));
  EXPECT_THAT(find({.pattern = "%rent%"}), ElementsAre(second));
  EXPECT_THAT(find({.pattern = "%100\\%%"}), ElementsAre(first));
  EXPECT_THAT(find({.least = 200, .most = 200}), ElementsAre(second));

  EXPECT_THAT(find({.account = a}), ElementsAre(third, first));
  EXPECT_THAT(find({.account = a, .limit = 1}), ElementsAre(third));
  EXPECT_THAT(find({.account = a, .before_seq = 3}), ElementsAre(first)) << "after its opening";
  EXPECT_THAT(find({.account = b, .until = "2006-02-01T00:00:00Z"}), ElementsAre(first));
  EXPECT_THAT(find({.account = b, .from = "2006-02-01T00:00:00Z"}), ElementsAre(second));
  EXPECT_THAT(find({.account = Uuid{}}), ElementsAre());
  EXPECT_THAT(find({.account = a, .kind = std::int16_t{1}}), ElementsAre(first));
  EXPECT_THAT(find({.account = a, .pattern = "%lunch%"}), ElementsAre(first));
  EXPECT_THAT(find({.account = a, .least = 200}), ElementsAre(third));
  EXPECT_THAT(find({.account = a, .most = 200}), ElementsAre(first));
}

TEST(ListEntries, PagesOfOneAccount) {
  Transfers make;
  const Uuid a = make.user("list1a"), b = make.user("list1b");
  std::vector<Uuid> ids;
  for (const auto* day : {"01", "02", "02", "03"})
    ids.push_back(make.transfer(ids.size() % 2 == 0 ? a : b, ids.size() % 2 == 0 ? b : a,
                                10 * (static_cast<std::int64_t>(ids.size()) + 1),
                                std::string("2008-01-") + day + "T00:00:00Z", day)
                      .id);
  auto db = Database::connect("transaction");
  const auto list = [&](std::int64_t before, std::optional<std::string> from,
                        std::optional<std::string> until, int limit) {
    Params params;
    params.add(a).add(before);
    params.add_optional_time(from ? parse_time(*from) : std::nullopt);
    params.add_optional_time(until ? parse_time(*until) : std::nullopt);
    return ids_of(rows_of(db.query(q::list_entries, params.add(limit))));
  };
  constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(list(kAll, "2000-01-01T00:00:00Z", {}, 10),
              ElementsAre(ids[3], ids[2], ids[1], ids[0]));
  EXPECT_EQ(list(kAll, {}, {}, 10).size(), 5U) << "with its opening";
  EXPECT_THAT(list(kAll, {}, {}, 2), ElementsAre(ids[3], ids[2]));
  EXPECT_THAT(list(4, {}, {}, 2), ElementsAre(ids[1], ids[0]));
  EXPECT_THAT(list(kAll, "2008-01-02T00:00:00Z", "2008-01-03T00:00:00Z", 10),
              ElementsAre(ids[2], ids[1]));
  EXPECT_TRUE(list(kAll, "2008-01-03T00:00:00Z", "2008-01-02T00:00:00Z", 10).empty());
  EXPECT_TRUE(list(1, {}, {}, 10).empty());

  const auto filter = [&](std::int16_t sign, std::optional<std::string> pattern,
                          std::optional<std::int64_t> least, std::optional<std::int64_t> most) {
    Params params;
    params.add(a).add(kAll).add_time(*parse_time("2008-01-01T00:00:00Z")).add_null();
    params.add_int16(sign).add(pattern).add(least).add(most).add_null().add(10);
    return ids_of(rows_of(db.query(q::filter_entries, params)));
  };
  EXPECT_THAT(filter(1, {}, {}, {}), ElementsAre(ids[3], ids[1]));
  EXPECT_THAT(filter(-1, {}, {}, {}), ElementsAre(ids[2], ids[0]));
  EXPECT_THAT(filter(0, "%02%", {}, {}), ElementsAre(ids[2], ids[1]));
  EXPECT_EQ(filter(0, "list1b%", {}, {}).size(), 4U) << "whom it was with";
  EXPECT_THAT(filter(0, {}, 20, 30), ElementsAre(ids[2], ids[1]));
}

// What came after an entry, in the order of the numbers.
TEST(EntriesAfter, AnEntry) {
  Transfers make;
  const Uuid a = make.user("after1a"), b = make.user("after1b");
  auto db = Database::connect("transaction");
  const auto last = [&] { return rows_of(db.query(q::last_entry, Params().add(a))).int64(0, 0); };
  EXPECT_EQ(last(), 1);
  const Uuid first = make.transfer(a, b, 1, "2009-01-02T00:00:00Z").id;
  const Uuid second = make.transfer(b, a, 2, "2009-01-01T00:00:00Z").id;  // a clock was wrong
  const auto after = [&](std::int64_t seq) {
    return ids_of(rows_of(db.query(q::entries_after, Params().add(a).add(seq))));
  };
  EXPECT_THAT(after(1), ElementsAre(first, second));
  EXPECT_THAT(after(2), ElementsAre(second));
  EXPECT_THAT(after(3), ElementsAre());
  EXPECT_EQ(last(), 3);
}

}  // namespace
}  // namespace instapay
