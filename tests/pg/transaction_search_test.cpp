#include <gmock/gmock.h>

#include <limits>

#include "pg/transfers.h"
#include "queries.h"
#include "reporting/chain_follower.h"

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
  std::optional<Uuid> reference;
};

// Statements that say how far they went have one row without a transfer where nothing was found.
std::vector<Uuid> ids_of(const pg::Rows& rows) {
  std::vector<Uuid> ids;
  for (int i = 0; i < rows.size(); ++i)
    if (!rows.is_null(i, 0)) ids.push_back(rows.uuid(i, 0));
  return ids;
}

Params params_of(const Search& search) {
  Params params;
  if (search.account) {
    params.add(*search.account).add(search.before_seq);
  } else {
    params.add(search.before.value_or(Uuid::first_v7(*parse_time(search.until))));
  }
  params.add_time(*parse_time(search.from)).add_time(*parse_time(search.until));
  if (search.kind) {
    params.add_int16(*search.kind);
  } else {
    params.add_null();
  }
  return std::move(params.add(search.pattern).add(search.least).add(search.most).add(search.limit));
}

// By the indexes, and in what is not indexed yet.
pg::Rows find_indexed(const Search& search, std::int32_t candidates_max, std::int32_t open_max) {
  static auto db = Database::connect("transaction");
  return rows_of(db.query(
      q::find_transfers,
      std::move(params_of(search).add(candidates_max).add(open_max).add(search.reference))));
}

// By a walk; of everybody's both ways to find them must agree.
std::vector<Uuid> find(const Search& search) {
  static auto db = Database::connect("transaction");
  if (search.account)
    return ids_of(rows_of(db.query(q::search_entries, std::move(params_of(search).add(1'000)))));
  const Uuid lowest = Uuid::first_v7(*parse_time(search.from));
  const auto walked = ids_of(
      rows_of(db.query(q::search_transfers,
                       std::move(params_of(search).add(1'000).add(lowest).add(search.reference)))));
  EXPECT_EQ(ids_of(find_indexed(search, 1'000'000, 1'000'000)), walked);
  return walked;
}

void index_all() {
  auto db = Database::connect("reporting");
  for (;;) {
    const auto done = reporting::follow(db, reporting::search_index());
    ASSERT_TRUE(done) << done.error().message;
    if (done->outcome == reporting::Followed::Outcome::nothing_new) return;
  }
}

TEST(SearchTransfers, OfEverybodyAndOfOne) {
  Transfers make;
  const Uuid a = make.user("search1a"), b = make.user("search1b"), c = make.user("search1c");
  const Uuid first = make.transfer(a, b, 100, "2006-01-01T00:00:00Z", "lunch 100%").id;
  const Uuid second = make.transfer(b, c, 200, "2006-02-01T00:00:00Z", "Rent").id;
  const Uuid third = make.transfer(c, a, 300, "2006-03-01T00:00:00Z", "", 4).id;
  make.transfer(c, a, 300, "2007-01-01T00:00:00Z");

  for (const bool is_indexed : {false, true}) {
    SCOPED_TRACE(is_indexed);
    if (is_indexed) index_all();
    EXPECT_THAT(find({}), ElementsAre(third, second, first));
    EXPECT_THAT(find({.limit = 2}), ElementsAre(third, second));
    EXPECT_THAT(find({.before = second}), ElementsAre(first));
    EXPECT_THAT(find({.from = "2006-02-01T00:00:00Z", .until = "2006-03-01T00:00:00Z"}),
                ElementsAre(second));
    EXPECT_THAT(find({.kind = std::int16_t{4}}), ElementsAre(third));
    EXPECT_THAT(find({.kind = std::int16_t{1}}), ElementsAre(second, first));
    EXPECT_THAT(find({.pattern = "%rent%"}), ElementsAre(second));
    EXPECT_THAT(find({.kind = std::int16_t{4}, .pattern = "%rent%"}), ElementsAre());
    EXPECT_THAT(find({.pattern = "%100\\%%"}), ElementsAre(first));
    EXPECT_THAT(find({.pattern = "%0\\%%"}), ElementsAre(first)) << "no trigram";
    EXPECT_THAT(find({.least = 200, .most = 200}), ElementsAre(second));
    EXPECT_THAT(find({.least = 200}), ElementsAre(third, second));
    EXPECT_THAT(find({.reference = first}), ElementsAre());
  }

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
    params.add_int16(sign).add(pattern).add(least).add(most).add_null().add(10).add(100);
    return ids_of(rows_of(db.query(q::filter_entries, params)));
  };
  EXPECT_THAT(filter(1, {}, {}, {}), ElementsAre(ids[3], ids[1]));
  EXPECT_THAT(filter(-1, {}, {}, {}), ElementsAre(ids[2], ids[0]));
  EXPECT_THAT(filter(0, "%02%", {}, {}), ElementsAre(ids[2], ids[1]));
  EXPECT_EQ(filter(0, "list1b%", {}, {}).size(), 4U) << "whom it was with";
  EXPECT_THAT(filter(0, {}, 20, 30), ElementsAre(ids[2], ids[1]));
}

// A statement looks at so many rows and says how far it came.
TEST(SearchTransfers, WalkSoFarAndNoFurther) {
  Transfers make;
  const Uuid a = make.user("walk1a"), b = make.user("walk1b");
  std::vector<Uuid> ids;
  for (const auto* day : {"01", "02", "03", "04"})
    ids.push_back(make.transfer(a, b, 10, std::string("2016-01-") + day + "T00:00:00Z", day).id);
  auto db = Database::connect("transaction");
  const Search everybody{
      .from = "2016-01-01T00:00:00Z", .until = "2017-01-01T00:00:00Z", .pattern = "%01%"};
  const auto walk = [&](int rows) {
    const Uuid lowest = Uuid::first_v7(*parse_time(everybody.from));
    return rows_of(
        db.query(q::search_transfers,
                 std::move(params_of(everybody).add(rows).add(lowest).add(everybody.reference))));
  };
  const auto few = walk(3), all = walk(5);
  ASSERT_EQ(few.size(), 1);
  EXPECT_TRUE(few.is_null(0, 0));
  EXPECT_EQ(few.int64(0, 14), 3);
  EXPECT_EQ(few.uuid(0, 15), ids[1]);
  EXPECT_THAT(ids_of(all), ElementsAre(ids[0]));
  EXPECT_EQ(all.int64(0, 14), 4) << "the end";

  Search of_one = everybody;
  of_one.account = a;
  const auto walked = rows_of(db.query(q::search_entries, std::move(params_of(of_one).add(3))));
  EXPECT_TRUE(ids_of(walked).empty());
  EXPECT_EQ(walked.int64(0, 15), 3);
  EXPECT_EQ(walked.int64(0, 16), 3) << "of five, with the opening, the third";
  Params params;
  params.add(a).add(of_one.before_seq).add_null().add_null().add_int16(0).add("%01%");
  params.add_null().add_null().add_null().add(10).add(3);
  const auto filtered = rows_of(db.query(q::filter_entries, params));
  EXPECT_TRUE(ids_of(filtered).empty());
  EXPECT_EQ(filtered.int64(0, 13), 3);
  EXPECT_EQ(filtered.int64(0, 14), 3);
}

// How many transfers are not in the index: the least limit that is enough.
std::int32_t count_open() {
  std::int32_t open = 0;
  while (find_indexed({.pattern = "%nothing%"}, 100, open).int64(0, 14) == 2) ++open;
  return open;
}

// An index that does not know says so: 1 with too many rows in question, 2 while it is behind.
TEST(SearchTransfers, AnIndexThatDoesNotKnowSaysSo) {
  Transfers make;
  // Chains that other tests have broken are never carried over.
  index_all();
  const std::int32_t never = count_open();
  const Uuid a = make.user("know1a"), b = make.user("know1b");
  for (const auto* day : {"01", "02", "03"})
    make.transfer(a, b, 10, std::string("2011-01-") + day + "T00:00:00Z", "unheard-of");
  const Search search{.until = "2012-01-01T00:00:00Z", .pattern = "%unheard-of%"};
  EXPECT_EQ(find_indexed(search, 100, never + 2).int64(0, 14), 2);
  EXPECT_GE(count_open(), never + 3);
  index_all();
  EXPECT_EQ(count_open(), never);
  EXPECT_EQ(find_indexed(search, 100, never).int64(0, 14), 0);
  EXPECT_EQ(ids_of(find_indexed(search, 100, never)).size(), 3U);
  EXPECT_EQ(find_indexed(search, 2, never).int64(0, 14), 1);
  EXPECT_EQ(find_indexed(search, 3, never).int64(0, 14), 0);
}

// What came after an entry, in the order of the numbers.
TEST(EntriesAfter, AnEntry) {
  Transfers make;
  const Uuid a = make.user("after1a"), b = make.user("after1b");
  auto db = Database::connect("transaction");
  const auto last = [&] { return rows_of(db.query(q::stream_start, Params().add(a))).int64(0, 0); };
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
