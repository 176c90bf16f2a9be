// What the services may do with events, read marks and settings of notices, and what nobody may.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/time.h"
#include "pg/database.h"

namespace instapay::testing {
namespace {

class Notices : public ::testing::Test {
 protected:
  std::string state(pg::Connection& db, const std::string& sql) {
    const auto done = db.exec(fmt::format(fmt::runtime(sql), id_));
    return done ? "" : done.error().sqlstate;
  }

  const std::string id_ = Uuid::v7(now_us()).to_string();
  pg::Connection owner_ = Database::connect();
  pg::Connection user_ = Database::connect("user");
  pg::Connection transaction_ = Database::connect("transaction");
  pg::Connection reporting_ = Database::connect("reporting");
};

constexpr const char* kAddEvent =
    "INSERT INTO user_events (user_id, kind) VALUES ('{}', 'app_added')";

TEST_F(Notices, AnEventStaysAsItIs) {
  EXPECT_EQ(state(user_, kAddEvent), "");
  const char* const change = "UPDATE user_events SET kind = 'new_device' WHERE user_id = '{}'";
  EXPECT_EQ(state(owner_, change), "IP002");
  for (pg::Connection* db : {&user_, &transaction_, &reporting_}) {
    EXPECT_EQ(state(*db, change), "42501");
    EXPECT_EQ(state(*db, "DELETE FROM user_events WHERE user_id = '{}'"), "42501");
  }
  EXPECT_EQ(state(transaction_, kAddEvent), "42501");
  EXPECT_EQ(state(reporting_, "SELECT FROM user_events WHERE user_id = '{}'"), "42501");
}

TEST_F(Notices, AMarkNeverMovesBack) {
  EXPECT_EQ(state(transaction_, "INSERT INTO notice_reads VALUES ('{}', 5, '10', 3)"), "");
  for (const char* back : {"entry = 4", "xid = '9'", "event_id = 2", "user_id = gen_random_uuid()"})
    for (pg::Connection* db : {&owner_, &transaction_})
      EXPECT_EQ(state(*db, fmt::format("UPDATE notice_reads SET {} WHERE user_id = '{{}}'", back)),
                "IP002")
          << back;
  const char* const on = "UPDATE notice_reads SET xid = '11', event_id = 0 WHERE user_id = '{}'";
  EXPECT_EQ(state(transaction_, on), "");
  EXPECT_EQ(state(user_, "UPDATE notice_reads SET entry = 9 WHERE user_id = '{}'"), "42501");
  EXPECT_EQ(state(reporting_, "SELECT FROM notice_reads WHERE user_id = '{}'"), "42501");
}

TEST_F(Notices, SettingsAreTheUserServicesAlone) {
  EXPECT_EQ(state(user_, "INSERT INTO notice_settings (user_id, money_in) VALUES ('{}', true)"),
            "");
  EXPECT_EQ(state(user_, "UPDATE notice_settings SET large_payment_from = 0 WHERE user_id = '{}'"),
            "23514");
  EXPECT_EQ(state(user_, "DELETE FROM notice_settings WHERE user_id = '{}'"), "42501");
  for (pg::Connection* db : {&transaction_, &reporting_})
    EXPECT_EQ(state(*db, "SELECT FROM notice_settings WHERE user_id = '{}'"), "42501");
}

TEST_F(Notices, AMailNamesWhatItIsAbout) {
  EXPECT_EQ(
      state(user_,
            "INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)"
            " VALUES (gen_random_uuid(), gen_random_uuid()::text, 'large_payment', '{}', now())"),
      "23514");
}

}  // namespace
}  // namespace instapay::testing
