// An account's state and its past, as the schema's view and functions tell them.
#include <fmt/format.h>

#include "pg/transfers.h"

namespace instapay::testing {
namespace {

struct World {
  pg::Connection db = Database::connect("reporting");
  Transfers make;

  std::int64_t before(const Uuid& account, std::string_view moment) {
    return rows_of(db.query({"before", "SELECT entries_before($1::uuid, $2::timestamptz)"},
                            pg::Params().add(account).add_time(*parse_time(moment))))
        .int64(0, 0);
  }
};

// With no entries at all, unlike those of Transfers::user().
Uuid empty_account() {
  auto db = Database::connect();
  return rows_of(db.query({"empty",
                           "INSERT INTO accounts (id, kind) VALUES (gen_random_uuid(), 0)"
                           " RETURNING id"}))
      .uuid(0, 0);
}

TEST(AccountStates, AreTheLastEntrys) {
  World world;
  const Uuid a = world.make.user("states1a"), b = world.make.user("states1b");
  world.make.transfer(a, b, 300, "2010-01-01T00:00:00Z");
  world.make.transfer(b, a, 20, "2010-01-02T00:00:00Z");
  const auto state = [&](const Uuid& id) {
    return std::string(
        rows_of(world.db.query({"state",
                                "SELECT concat_ws(' ', kind, status, seq, balance, held, "
                                "sent_today, last_entry_at AT TIME ZONE 'UTC') FROM "
                                "account_states WHERE id = $1::uuid"},
                               pg::Params().add(id)))
            .text(0, 0));
  };
  EXPECT_EQ(state(a), "0 0 3 999720 0 0 2010-01-02 00:00:00");
  EXPECT_EQ(state(b), "0 0 3 1000280 0 0 2010-01-02 00:00:00");
  EXPECT_EQ(state(empty_account()), "0 0 0 0 0 0");
}

TEST(EntriesBefore, AMoment) {
  World world;
  const Uuid a = world.make.user("before1a"), b = world.make.user("before1b");
  for (const auto* day : {"01", "02", "03", "03", "03", "04"})
    world.make.transfer(a, b, 1, fmt::format("2011-01-{}T00:00:00Z", day));
  EXPECT_EQ(world.before(a, "1979-01-01T00:00:00Z"), 0) << "before the first";
  EXPECT_EQ(world.before(a, "1980-01-01T00:00:00Z"), 0) << "at the first: not before it";
  EXPECT_EQ(world.before(a, "1980-01-01T00:00:00.000001Z"), 1);
  EXPECT_EQ(world.before(a, "2011-01-01T00:00:00Z"), 1);
  EXPECT_EQ(world.before(a, "2011-01-02T00:00:00Z"), 2);
  EXPECT_EQ(world.before(a, "2011-01-03T00:00:00Z"), 3) << "three of the same time";
  EXPECT_EQ(world.before(a, "2011-01-03T00:00:00.000001Z"), 6);
  EXPECT_EQ(world.before(a, "2011-01-04T00:00:00Z"), 6);
  EXPECT_EQ(world.before(a, "2012-01-01T00:00:00Z"), 7);
  EXPECT_EQ(world.before(empty_account(), "2012-01-01T00:00:00Z"), 0);
  EXPECT_EQ(world.before(Uuid::random(), "2012-01-01T00:00:00Z"), 0);
  const auto none = rows_of(
      world.db.query({"none",
                      "SELECT entries_before($1::uuid, NULL), entries_before($1::uuid, 'infinity'),"
                      " entries_before($1::uuid, '-infinity')"},
                     pg::Params().add(a)));
  EXPECT_EQ(none.int64(0, 0), 0);
  EXPECT_EQ(none.int64(0, 1), 7);
  EXPECT_EQ(none.int64(0, 2), 0);
}

// As many as there may be: each of the moments between them is told apart.
TEST(EntriesBefore, EachOfMany) {
  World world;
  const Uuid a = world.make.user("before2a"), b = world.make.user("before2b");
  for (int i = 0; i < 37; ++i)
    world.make.transfer(a, b, 1, fmt::format("2012-01-01T00:{:02}:00Z", i));
  for (int i = 0; i < 37; ++i)
    EXPECT_EQ(world.before(a, fmt::format("2012-01-01T00:{:02}:30Z", i)), i + 2);
}

// A clock was wrong: whatever is answered is one of the numbers, and it is answered.
TEST(EntriesBefore, TimesThatGoBackDoNotHang) {
  World world;
  const Uuid a = world.make.user("before3a"), b = world.make.user("before3b");
  for (const auto* day : {"05", "01", "28", "02", "02", "27", "03"})
    world.make.transfer(a, b, 1, fmt::format("2013-02-{}T00:00:00Z", day));
  for (int day = 1; day <= 28; ++day) {
    const auto found = world.before(a, fmt::format("2013-02-{:02}T12:00:00Z", day));
    EXPECT_GE(found, 1);
    EXPECT_LE(found, 8);
  }
  EXPECT_EQ(world.before(a, "2013-01-01T00:00:00Z"), 1);
  EXPECT_EQ(world.before(a, "2014-01-01T00:00:00Z"), 8);
}

}  // namespace
}  // namespace instapay::testing
