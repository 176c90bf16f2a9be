// The log of what happens to payment requests: one row for each side and change, read in an order
// in which nothing comes in between later.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "core/time.h"
#include "pg/ledger_store_fixture.h"
#include "queries.h"

namespace instapay::testing {
namespace {

namespace t = queries::transaction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RequestEvents : public LedgerStore {
 protected:
  pg::Connection db_ = books_.open("transaction");

  // A request of a_ to b_.
  Uuid ask(const std::string& expires = "NULL") const {
    const Uuid id = Uuid::v7(now_us());
    books_.sql(fmt::format(
        "INSERT INTO users (id, username, email, display_name, password_hash) SELECT id::uuid, 'e' "
        "|| "
        "substr(id, 25), substr(id, 25) || '@example.com', 'E', '-' FROM (VALUES ('{1}'), ('{2}')) "
        "AS v (id) ON CONFLICT DO NOTHING;"
        "INSERT INTO request_settings VALUES ('{1}', true) ON CONFLICT DO NOTHING;"
        "INSERT INTO payment_requests (id, payee_id, payer_id, expires_at) "
        "VALUES ('{0}', '{2}', '{1}', {3})",
        id.to_string(), b_.to_string(), a_.to_string(), expires));
    return id;
  }
  static std::string cancel(const Uuid& id) {
    return fmt::format("UPDATE payment_requests SET status = 4, closed_at = now() WHERE id = '{}'",
                       id.to_string());
  }
  // What an account is told after a place in the log, which moves along: request and change.
  std::vector<std::pair<Uuid, int>> told(const AccountId& whom, std::int64_t& xid,
                                         std::int64_t& event) {
    const auto rows = rows_of(
        db_.query(t::request_events_after, pg::Params().add(whom.uuid).add(xid).add(event)));
    std::vector<std::pair<Uuid, int>> all;
    for (int i = 0; i < rows.size(); ++i) {
      all.emplace_back(rows.uuid(i, 0), static_cast<int>(rows.int64(i, 20)));
      xid = rows.int64(i, 22);
      event = rows.int64(i, 23);
    }
    return all;
  }
  std::vector<std::pair<Uuid, int>> told(const AccountId& whom) {
    std::int64_t xid = 0, event = 0;
    return told(whom, xid, event);
  }
  std::int64_t count(const std::string& where) const {
    return books_.number("SELECT count(*) FROM request_events WHERE " + where);
  }
};

TEST_F(RequestEvents, BothSidesAreToldOfEachChange) {
  const Uuid id = ask();
  books_.sql("UPDATE payment_requests SET reminded_at = now() WHERE id = '" + id.to_string() + "'");
  books_.sql("UPDATE payment_requests SET note = NULL WHERE id = '" + id.to_string() + "'");
  books_.sql(cancel(id));
  const auto all = ElementsAre(std::pair(id, 0), std::pair(id, 6), std::pair(id, 4));
  EXPECT_THAT(told(a_), all);
  EXPECT_THAT(told(b_), all);
}

TEST_F(RequestEvents, WhatCommitsLaterComesLater) {
  const Uuid early = ask();
  std::int64_t xid = 0, event = 0;
  EXPECT_THAT(told(a_, xid, event), ElementsAre(std::pair(early, 0)));
  // A slow transaction writes first and commits last.
  auto slow = books_.open("transaction");
  ASSERT_TRUE(slow.exec("BEGIN; " + cancel(early)));
  const Uuid late = ask();
  EXPECT_THAT(told(a_, xid, event), IsEmpty()) << "its place is not known yet";
  ASSERT_TRUE(slow.exec("COMMIT"));
  EXPECT_THAT(told(a_, xid, event), ElementsAre(std::pair(early, 4), std::pair(late, 0)));
}

TEST_F(RequestEvents, EveryExpiryIsToldOnce) {
  const Uuid runs_out = ask("now() + interval '1 us'"), stays = ask("now() + interval '1 day'");
  auto other = books_.open("transaction");
  for (pg::Connection* each : {&db_, &other}) ASSERT_TRUE(each->query(t::tell_expired_requests));
  EXPECT_EQ(count("change = 5 AND request_id = '" + runs_out.to_string() + "'"), 2);
  EXPECT_EQ(count("change = 5 AND request_id = '" + stays.to_string() + "'"), 0);
}

TEST_F(RequestEvents, WhoIsAtItIsNotWaitedFor) {
  const Uuid runs_out = ask("now() + interval '1 us'");
  auto other = books_.open("transaction");
  ASSERT_TRUE(other.exec("BEGIN"));
  ASSERT_TRUE(other.query(t::tell_expired_requests));
  ASSERT_TRUE(db_.exec("SET lock_timeout = '1s'"));
  EXPECT_TRUE(db_.query(t::tell_expired_requests));
  ASSERT_TRUE(other.exec("COMMIT"));
  EXPECT_EQ(count("change = 5 AND request_id = '" + runs_out.to_string() + "'"), 2);
}

TEST_F(RequestEvents, ClosingTakesBackWhatWasAskedForAndBothAreTold) {
  const Uuid open = ask(), ran_out = ask("now() + interval '1 us'");
  // By hand: no entry tells of it.
  books_.sql("ALTER TABLE accounts DISABLE TRIGGER accounts_told");
  const auto set_status = [this](const AccountId& whose, int status) {
    books_.sql(
        fmt::format("UPDATE accounts SET status = {} WHERE id = '{}'", status, whose.to_string()));
  };
  const auto both = [&](const auto& matcher) {
    EXPECT_THAT(told(a_), matcher);
    EXPECT_THAT(told(b_), matcher);
  };
  set_status(a_, 1);
  set_status(b_, 2);
  both(ElementsAre(std::pair(open, 0), std::pair(ran_out, 0)));
  set_status(a_, 2);
  const auto cancelled = ElementsAre(std::pair(open, 0), std::pair(ran_out, 0), std::pair(open, 4));
  both(cancelled);
  set_status(a_, 0);
  both(cancelled);
}

TEST_F(RequestEvents, TheNewsNamesWhomToTell) {
  const auto known = [this](std::int64_t from) {
    return rows_of(db_.query(t::request_news, pg::Params().add(from)));
  };
  const std::int64_t before = known(std::numeric_limits<std::int64_t>::max()).int64(0, 0);
  EXPECT_TRUE(known(before).is_null(0, 1));
  ask();
  EXPECT_EQ(known(before).size(), 2);
}

}  // namespace
}  // namespace instapay::testing
