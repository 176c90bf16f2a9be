// Released usernames and the limit of renames: held by the database, whoever asks.
#include <thread>

#include "core/limits.h"
#include "core/time.h"
#include "pg/users.h"
#include "queries.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::insert_user;
using testing::make_user;
using testing::rows_of;
using testing::unique_name;
namespace q = queries::user;

// Under an address that nobody has.
pg::Result<pg::Rows> insert(pg::Connection& db, const std::string& name) {
  return insert_user(db, Uuid::v7(now_us()), name, unique_name("other") + "@example.com");
}

pg::Result<pg::Rows> rename(pg::Connection& db, const Uuid& id, const std::string& name,
                            std::optional<Uuid> by_operator = {}) {
  return db.query(q::update_user, Params().add(id).add_null().add(name).add(by_operator));
}

// Of a statement that failed; "" when it did not.
std::string constraint_of(const pg::Result<pg::Rows>& result) {
  return result ? "" : result.error().constraint;
}

TEST(UserNames, AReleasedNameIsItsFormerOwners) {
  auto db = Database::connect("user");
  const std::string name = unique_name("released");
  const Uuid owner = make_user(db, name), other = make_user(db, unique_name("other"));
  rows_of(rename(db, owner, unique_name("moved")));
  EXPECT_EQ(constraint_of(rename(db, other, name)), "username_reserved");
  EXPECT_EQ(constraint_of(rename(db, other, name, owner)), "username_reserved");
  EXPECT_EQ(constraint_of(insert(db, name)), "username_reserved");
  EXPECT_EQ(constraint_of(rename(db, owner, name)), "");
}

TEST(UserNames, WhoWaitsForANameThatIsBeingGivenUpDoesNotGetIt) {
  auto giver = Database::connect("user"), watcher = Database::connect();
  const std::string name = unique_name("contested");
  const Uuid owner = make_user(giver, name), rival = make_user(giver, unique_name("rival"));
  for (const bool registers : {true, false}) {
    ASSERT_TRUE(giver.exec("BEGIN"));
    rows_of(rename(giver, owner, unique_name("moved")));
    std::string refused;
    std::jthread taker([&] {
      auto db = Database::connect("user");
      refused = constraint_of(registers ? insert(db, name) : rename(db, rival, name));
    });
    testing::await_lock_wait(watcher);
    ASSERT_TRUE(giver.exec("COMMIT"));
    taker.join();
    EXPECT_EQ(refused, "username_reserved");
    rows_of(rename(giver, owner, name, rival));  // back, as an operator does it
  }
}

TEST(UserNames, TheLimitIsOfTheUsersOwnRenames) {
  auto db = Database::connect("user");
  const Uuid id = make_user(db, unique_name("often")), staff = make_user(db, unique_name("staff"));
  for (int i = 0; i < kRenamesMax; ++i) {
    EXPECT_TRUE(rows_of(db.query(q::find_next_rename, Params().add(id))).empty());
    rows_of(rename(db, id, unique_name("again")));
  }
  EXPECT_EQ(constraint_of(rename(db, id, unique_name("again"))), "rename_limit");
  EXPECT_EQ(constraint_of(rename(db, id, unique_name("by"), staff)), "");
  EXPECT_EQ(constraint_of(rename(db, id, unique_name("again"))), "rename_limit");
  const auto next = rows_of(db.query(q::find_next_rename, Params().add(id)));
  const std::int64_t in_us = next.time_us(0, 0) - now_us();
  EXPECT_NEAR(static_cast<double>(in_us / kSecond_us), kRenamePeriod_days * 86'400.0, 60.0);
}

TEST(UserNames, TheNumbersAreThoseOfTheCode) {
  auto db = Database::connect();
  const auto rows = rows_of(
      db.query({"test/numbers",
                "SELECT renames_a_period()::bigint, extract(day FROM rename_period())::bigint,"
                " (extract(year FROM username_reserved_for()) * 12"
                " + extract(month FROM username_reserved_for()))::bigint"}));
  EXPECT_EQ(rows.int64(0, 0), kRenamesMax);
  EXPECT_EQ(rows.int64(0, 1), kRenamePeriod_days);
  EXPECT_EQ(rows.int64(0, 2), kUsernameReserved_months);
}

TEST(UserNames, AFrozenUsersNamesStayButForOperators) {
  auto db = Database::connect("user"), owner = Database::connect();
  const Uuid id = make_user(db, unique_name("cold"));
  rows_of(owner.query(
      {"test/freeze", "UPDATE accounts SET status = 1 WHERE id = $1::uuid RETURNING id"},
      Params().add(id)));
  EXPECT_TRUE(rows_of(rename(db, id, unique_name("warm"))).empty());
  EXPECT_EQ(rows_of(rename(db, id, unique_name("warm"), id)).size(), 1);
}

TEST(UserNames, NobodyWritesWhatWasReleased) {
  for (const std::string role : {"user", "transaction", "reporting"}) {
    auto db = Database::connect(role);
    for (const char* statement :
         {"INSERT INTO username_releases (user_id, name_hash) VALUES (gen_random_uuid(), "
          "sha256(''))",
          "DELETE FROM username_releases", "UPDATE username_releases SET released_at = now()",
          "SELECT name_hash FROM username_releases"}) {
      const auto refused = db.query({"test/rights", statement});
      ASSERT_FALSE(refused) << role << ": " << statement;
      EXPECT_EQ(refused.error().sqlstate, "42501") << role << ": " << statement;
    }
  }
  auto owner = Database::connect();
  const auto kept = owner.query({"test/kept", "DELETE FROM username_releases"});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().sqlstate, "IP002");
}

}  // namespace
}  // namespace instapay
