#include <thread>

#include "core/sha256.h"
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

// NULL for what stays.
pg::Result<pg::Rows> update(pg::Connection& db, const Uuid& id,
                            std::optional<std::string> display_name,
                            std::optional<std::string> username,
                            std::optional<Uuid> by_operator = {}) {
  return db.query(q::update_user,
                  Params().add(id).add(display_name).add(username).add(by_operator));
}

pg::Result<pg::Rows> change_role(pg::Connection& db, const Uuid& id, std::string_view before,
                                 std::string_view after) {
  Params params;
  params.add(id).add(before).add(after).add(false).add_null().add_null().add_null();
  for (int i = 0; i < 8; ++i) params.add_null();  // nothing was signed
  return db.query(q::change_role, params);
}

TEST(Users, ComeWithAWallet) {
  auto db = Database::connect("user");
  const Uuid id = make_user(db, unique_name("wallet"));
  const auto rows = rows_of(db.query(q::find_user, Params().add(id)));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows.int64(0, 5), 0);
  EXPECT_EQ(rows.int64(0, 6), 0);
}

TEST(Users, ConstraintsSayWhatIsTaken) {
  auto db = Database::connect("user");
  const std::string name = unique_name("taken");
  make_user(db, name);
  const auto email = insert_user(db, Uuid::v7(now_us()), name + "x", name + "@example.com");
  ASSERT_FALSE(email);
  EXPECT_EQ(email.error().constraint, "users_email_key");
  const auto username = insert_user(db, Uuid::v7(now_us()), name, name + "x@example.com");
  ASSERT_FALSE(username);
  EXPECT_EQ(username.error().constraint, "users_username_key");
}

TEST(Users, OfManyAtOnceOneGetsTheEmail) {
  const std::string name = unique_name("race");
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&, i] {
        auto db = Database::connect("user");
        made += insert_user(db, Uuid::v7(now_us()), name + std::to_string(i), name + "@example.com")
                    ? 1
                    : 0;
      });
  }
  EXPECT_EQ(made, 1);
}

TEST(Users, WhatIsNotGivenStays) {
  auto db = Database::connect("user");
  const std::string name = unique_name("named"), other = unique_name("renamed");
  const Uuid id = make_user(db, name);
  const auto names = [&] {
    const auto rows = rows_of(db.query(q::find_user, Params().add(id)));
    return std::string(rows.text(0, 1)) + " " + std::string(rows.text(0, 3));
  };
  EXPECT_EQ(rows_of(update(db, id, {}, {})).size(), 1);
  EXPECT_EQ(names(), name + " " + name);
  rows_of(update(db, id, "Someone", {}));
  EXPECT_EQ(names(), name + " Someone");
  rows_of(update(db, id, {}, other));
  EXPECT_EQ(names(), other + " Someone");
  const std::string third = unique_name("third");
  make_user(db, third);
  const auto taken = update(db, id, {}, third);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().constraint, "users_username_key");
}

TEST(Users, OnlyARoleThatChangesIsAnnounced) {
  auto db = Database::connect("user");
  const Uuid id = make_user(db, unique_name("role"));
  const auto announced = [&]() -> std::string {
    const auto rows = rows_of(db.query(queries::auth::recent_revocations, Params().add(60)));
    for (const auto& row : rows)
      if (row.id == id) return std::string(row.role.value());
    return {};
  };
  rows_of(change_role(db, make_user(db, unique_name("stays")), "user", "operator"));
  rows_of(change_role(db, id, "user", "user"));
  EXPECT_EQ(announced(), "");
  rows_of(change_role(db, id, "user", "operator"));
  EXPECT_EQ(announced(), "operator");
  rows_of(change_role(db, id, "operator", "user"));
  EXPECT_EQ(announced(), "user");
}

// Two operators at once: the second one saw a role that is no longer so.
TEST(Users, ARoleThatIsAnotherByNowStays) {
  auto db = Database::connect("user");
  const Uuid id = make_user(db, unique_name("stale"));
  rows_of(change_role(db, id, "user", "auditor"));
  const auto late = change_role(db, id, "user", "operator");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().constraint, "changed_meanwhile");
  EXPECT_EQ(rows_of(db.query(q::find_user, Params().add(id))).text(0, 4), "auditor");
  EXPECT_FALSE(change_role(db, Uuid::random(), "user", "operator"));
}

TEST(Users, ClosingEndsTheSessionsAnotherRoleDoesNot) {
  auto db = Database::connect("user");
  const Uuid id = make_user(db, unique_name("closing"));
  rows_of(db.query(q::create_session, Params()
                                          .add(id)
                                          .add("hash")
                                          .add(Uuid::random())
                                          .add("")
                                          .add("")
                                          .add(std::int32_t{60})
                                          .add_bytes(sha256(id.to_string()))
                                          .add(std::int32_t{60})
                                          .add(10)
                                          .add_null()
                                          .add_null()
                                          .add(false)
                                          .add("")));
  const auto alive = [&] {
    return rows_of(db.query(q::list_sessions, Params().add(id).add(10))).size();
  };
  rows_of(change_role(db, id, "user", "auditor"));
  EXPECT_EQ(alive(), 1);
  rows_of(db.query({"test/close", "UPDATE accounts SET status = 2 WHERE id = $1::uuid"},
                   Params().add(id)));
  EXPECT_EQ(alive(), 0);
}

TEST(Users, UnknownOnesAreNotUpdated) {
  auto db = Database::connect("user");
  EXPECT_TRUE(rows_of(update(db, Uuid::random(), {}, "nobody-here")).empty());
}

TEST(Users, SearchByPrefixPagesAndTakesTextLiterally) {
  auto db = Database::connect("user");
  const std::string stem = unique_name("srch") + "-";
  std::vector<Uuid> made;
  for (int i = 0; i < 5; ++i) made.push_back(make_user(db, stem + std::to_string(i)));
  const auto search = [&](const std::string& prefix, std::optional<Uuid> before, int limit) {
    Params params;
    params.add(prefix).add(before).add(limit).add_null();
    return rows_of(db.query(q::search_users, params));
  };
  const auto first = search(stem, {}, 3);
  ASSERT_EQ(first.size(), 3);
  EXPECT_EQ(first.uuid(0, 0), made[4]) << "newest first";
  const auto rest = search(stem, first.uuid(2, 0), 3);
  ASSERT_EQ(rest.size(), 2);
  EXPECT_EQ(rest.uuid(1, 0), made[0]);
  for (const std::string odd : {"%", "_", "\\", "'", "😀", "\x7e"})
    EXPECT_EQ(search(stem + odd, {}, 3).size(), 0) << odd;
}

TEST(Users, OtherServicesSeeNoPasswords) {
  for (const std::string service : {"transaction", "reporting"}) {
    auto db = Database::connect(service);
    const auto refused = db.query({"test/passwords", "SELECT password_hash FROM users LIMIT 1"});
    ASSERT_FALSE(refused) << service;
    EXPECT_EQ(refused.error().sqlstate, "42501") << service;
    EXPECT_FALSE(db.query({"test/tokens", "SELECT token_hash FROM refresh_tokens LIMIT 1"}));
  }
}

}  // namespace
}  // namespace instapay
