// The worker of the outbox of pushes, with push services of the test's own; and what the services
// may do with its tables.
#include "push/outbox.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "auth/openssl.h"
#include "core/sha256.h"
#include "pg/users.h"
#include "push/encryption.h"

namespace instapay::push {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;

class FakeService final : public PushService {
 public:
  PushAnswer post(const PushMessage& message) override {
    const std::scoped_lock lock(mutex);
    sent.push_back(message);
    return answer(message);
  }
  std::mutex mutex;
  std::vector<PushMessage> sent;
  std::function<PushAnswer(const PushMessage&)> answer = [](const PushMessage&) {
    return PushAnswer{.status = 201};
  };
};

std::string new_point() {
  const auth::PkeyPtr key(EVP_EC_gen("P-256"));
  unsigned char* bytes = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key.get(), &bytes);
  std::string point(reinterpret_cast<const char*>(bytes), size);
  OPENSSL_free(bytes);
  return point;
}

class PushOutbox : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ignore = owner.exec("DELETE FROM push_subscriptions");
    std::ignore = owner.exec("DELETE FROM push_pauses");
    std::ignore = owner.exec("UPDATE push_place SET xid = pg_snapshot_xmin(pg_current_snapshot())");
  }

  Uuid new_session(const Uuid& person) {
    const Uuid id = Uuid::random();
    const pg::Statement insert{"test/session",
                               "INSERT INTO sessions (id, user_id, expires_at)"
                               " VALUES ($1::uuid, $2::uuid, now() + interval '1 hour')"};
    rows_of(db.query(insert, Params().add(id).add(person)));
    return id;
  }
  pg::Result<pg::TypedRows<queries::user::RegisterPushRow>> subscribe(
      const Uuid& person, const Uuid& of_session, const std::string& address,
      const std::string& key = new_point(), std::string_view kid = {}) {
    Params params;
    params.add(Uuid::random()).add(person).add(of_session).add(address);
    params.add_bytes(key).add_bytes(std::string(kAuthSecret_bytes, 'a'));
    params.add(kid.empty() ? std::string_view(keys.kid()) : kid);
    return db.query(queries::user::register_push, params);
  }
  std::string endpoint() const { return "https://push.example.com/" + Uuid::random().to_string(); }
  // Something that is told, and gathered.
  void tell(const Uuid& person, std::string_view kind = "app_added") {
    const pg::Statement insert{
        "test/event", "INSERT INTO user_events (user_id, kind) VALUES ($1::uuid, $2::text)"};
    rows_of(db.query(insert, Params().add(person).add(kind)));
    while (db.query(queries::push::gather, Params().add(kPushEventsGathered))->front().seen > 0) {
    }
  }
  std::string text(const std::string& sql) {
    // Each text is a statement of its own, whose name the connection keeps.
    static std::set<std::string> names;
    const auto& name = *names.insert("test/" + to_hex(sha256(sql)).substr(0, 16)).first;
    return std::string(rows_of(owner.query({name, sql}, {})).text(0, 0));
  }
  std::string state() {
    return text("SELECT coalesce(string_agg(state || ' ' || attempts, ', '), '') FROM push_outbox");
  }
  void hurry() {
    ASSERT_TRUE(
        owner.exec("UPDATE push_outbox SET next_attempt_at = now() WHERE state = 'pending'"));
    ASSERT_TRUE(owner.exec("UPDATE push_pauses SET ends_at = now()"));
  }
  std::string sqlstate(pg::Connection& as, const std::string& sql) {
    const auto done = as.exec(sql);
    return done ? "" : done.error().sqlstate;
  }

  pg::Connection owner = Database::connect();
  pg::Connection db = Database::connect("user");
  Uuid user = testing::make_user(db, testing::unique_name("push"));
  Uuid session = new_session(user);
  FakeService service;
  VapidKeys keys =
      VapidKeys::of(auth::SigningKeys::generate_pem(auth::Algorithm::es256), "/nowhere").value();
  Outbox outbox{{PushHosts::parse({"push.example.com", "b.example.org"}, false).value(),
                 "mailto:a@example.com", Currency::find("EGP").value()},
                keys,
                service};
};

TEST_F(PushOutbox, AnEventIsPushedOnceToEachBrowser) {
  const Uuid other = new_session(user);
  rows_of(subscribe(user, session, endpoint()));
  rows_of(subscribe(user, other, endpoint()));
  tell(user);
  while (outbox.step(db).value()) {
  }
  hurry();
  EXPECT_FALSE(outbox.step(db).value());
  EXPECT_EQ(service.sent.size(), 2U);
  EXPECT_EQ(state(), "sent 1, sent 1");
  const auto again = owner.exec("UPDATE push_outbox SET state = 'pending', finished_at = NULL");
  EXPECT_EQ(again.error().sqlstate, "IP002") << "also not by hand";
}

TEST_F(PushOutbox, WorkersBesideEachOtherSendEachPushOnce) {
  rows_of(subscribe(user, session, endpoint()));
  constexpr std::size_t kPushes = 40;
  for (std::size_t i = 0; i < kPushes; ++i) tell(user);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&] {
        auto own = Database::connect("user");
        while (outbox.step(own).value()) {
        }
      });
  }
  std::map<std::string, int> times;
  for (const PushMessage& message : service.sent) ++times[message.topic];
  EXPECT_EQ(times.size(), kPushes);
  EXPECT_THAT(times, ::testing::Each(::testing::Pair(::testing::_, 1)));
}

TEST_F(PushOutbox, GatherersBesideEachOtherMakeEachPushOnce) {
  rows_of(subscribe(user, session, endpoint()));
  const pg::Statement insert{"test/events",
                             "INSERT INTO user_events (user_id, kind) SELECT $1::uuid, 'app_added' "
                             "FROM generate_series(1, 50)"};
  rows_of(db.query(insert, Params().add(user)));
  {
    // Who finds the place taken has nothing to do then, so how many turns each needs is not known.
    std::atomic<std::int64_t> gathered = 0;
    const std::int64_t until_us = monotonic_us() + 30 * kSecond_us;
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&] {
        auto own = Database::connect("user");
        while (gathered < 50 && monotonic_us() < until_us) {
          const auto rows =
              rows_of(own.query(queries::push::gather, Params().add(std::int32_t{7})));
          gathered += rows.front().seen;
        }
      });
  }
  EXPECT_EQ(text("SELECT count(*)::text || ' ' || count(DISTINCT event_key) FROM push_outbox"),
            "50 50");
}

TEST_F(PushOutbox, WhatIsRefusedForNowWaitsLongerEachTime) {
  EXPECT_EQ(retry_after_s(1, 0), 15);
  EXPECT_EQ(retry_after_s(2, 0), 60);
  EXPECT_EQ(retry_after_s(2, 300), 300);
  EXPECT_EQ(retry_after_s(3, 100), 240);
  EXPECT_EQ(retry_after_s(8, 0), kPushRetryMax_s);
  EXPECT_EQ(retry_after_s(1, 1'000'000'000'000), kPushRetryMax_s);
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  service.answer = [](const PushMessage&) { return PushAnswer{.status = 503}; };
  for (int i = 1; i < kPushAttemptsMax; ++i) {
    ASSERT_TRUE(outbox.step(db).value());
    EXPECT_EQ(state(), "pending " + std::to_string(i));
    EXPECT_FALSE(outbox.step(db).value()) << "it is not due yet";
    hurry();
  }
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(), "dead 8");
}

TEST_F(PushOutbox, AnAttemptThatNeverEndsIsCounted) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  for (int i = 1; i <= kPushAttemptsMax; ++i) {
    EXPECT_EQ(rows_of(db.query(queries::push::claim, Params().add(kPushLease_s))).size(), 1);
    EXPECT_FALSE(outbox.step(db).value()) << "somebody else has it";
    hurry();
  }
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(), "dead 9");
  EXPECT_TRUE(service.sent.empty());
}

TEST_F(PushOutbox, WritingDownASuccessWaitsForNoSessionThatEnds) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  auto ending = Database::connect("user");
  service.answer = [&](const PushMessage&) {
    // Its session ends meanwhile, and its transaction holds the browser's row.
    EXPECT_TRUE(ending.exec("BEGIN"));
    EXPECT_TRUE(ending.exec("SELECT FROM push_subscriptions FOR UPDATE"));
    return PushAnswer{.status = 201};
  };
  ASSERT_TRUE(db.exec("SET lock_timeout = '100ms'"));
  EXPECT_EQ(outbox.step(db).error().sqlstate, "55P03") << "only the time of the success waits";
  EXPECT_EQ(state(), "sent 1");
  EXPECT_TRUE(ending.exec("DELETE FROM push_subscriptions"));
  EXPECT_TRUE(ending.exec("COMMIT"));
  EXPECT_EQ(state(), "");
}

TEST_F(PushOutbox, APushServiceThatIsAwayHoldsUpNoOther) {
  const Uuid other = new_session(user);
  const auto origins = [&] {
    std::multiset<std::string> all;
    for (const PushMessage& message : service.sent) all.insert(message.endpoint.origin);
    return all;
  };
  const std::string away = "https://push.example.com", well = "https://b.example.org";
  rows_of(subscribe(user, session, endpoint()));
  rows_of(subscribe(user, other, "https://B.example.org:443/a"));
  for (int i = 0; i < 3; ++i) tell(user);
  service.answer = [&](const PushMessage& message) {
    return PushAnswer{.status = message.endpoint.origin == away ? 503 : 201};
  };
  while (outbox.step(db).value()) {
  }
  EXPECT_EQ(origins(), (std::multiset<std::string>{away, well, well, well}));
  EXPECT_EQ(text("SELECT origin || ' ' || failures FROM push_pauses"), away + " 1");
  hurry();
  while (outbox.step(db).value()) {
  }
  EXPECT_EQ(origins().count(away), 2U) << "one tries whether it is back";
  EXPECT_EQ(text("SELECT failures || ' ' || (ends_at > now() + interval '6 seconds')"
                 " FROM push_pauses"),
            "2 true");
  service.answer = [](const PushMessage&) { return PushAnswer{.status = 201}; };
  hurry();
  while (outbox.step(db).value()) {
  }
  EXPECT_EQ(text("SELECT count(*)::text FROM push_pauses"), "0");
  EXPECT_EQ(text("SELECT count(*)::text FROM push_outbox WHERE state = 'sent'"), "6");
}

TEST_F(PushOutbox, AnAddressThatIsMadeUpRaisesNoAlarm) {
  const auto lag_s = [&] { return db.query(queries::push::watch)->front().lag_s; };
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  tell(user, "passkey_added");
  ASSERT_TRUE(owner.exec("UPDATE push_outbox SET next_attempt_at = now() - interval '1 hour'"));
  EXPECT_GE(lag_s(), 3600);
  service.answer = [](const PushMessage&) { return PushAnswer{.status = 503}; };
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(lag_s(), 0) << "one is tried again later, the other waits for its push service";
  ASSERT_TRUE(owner.exec("UPDATE push_subscriptions SET last_success_at = now()"));
  EXPECT_GE(lag_s(), 3600) << "of a browser that there is";
}

TEST_F(PushOutbox, ABrowserThatNothingReachesIsForgotten) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  service.answer = [](const PushMessage&) { return PushAnswer{.status = 500}; };
  ASSERT_TRUE(
      owner.exec(fmt::format("UPDATE push_subscriptions SET failures = {}", kPushFailuresMax - 1)));
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(text("SELECT failures::text FROM push_subscriptions"), std::to_string(kPushFailuresMax))
      << "it was turned on just now";
  ASSERT_TRUE(owner.exec(
      fmt::format("UPDATE push_subscriptions SET last_success_at = now() - interval '{} days'",
                  kPushSilence_days)));
  hurry();
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(text("SELECT count(*)::text FROM push_subscriptions"), "0");
}

TEST_F(PushOutbox, WhoIsGoneIsForgottenWithAllThatWaits) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  tell(user, "passkey_added");
  service.answer = [](const PushMessage&) { return PushAnswer{.status = 410}; };
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_FALSE(outbox.step(db).value());
  EXPECT_EQ(text("SELECT count(*)::text FROM push_subscriptions"), "0");
}

TEST_F(PushOutbox, WithoutItsKeyNothingIsSentToABrowserYet) {
  rows_of(subscribe(user, session, endpoint(), new_point(), "another"));
  tell(user);
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_TRUE(service.sent.empty());
  EXPECT_EQ(state(), "pending 1") << "another replica may have it";
  EXPECT_EQ(text("SELECT failures::text FROM push_subscriptions"), "0");
  EXPECT_EQ(text("SELECT count(*)::text FROM push_pauses"), "0");
}

TEST_F(PushOutbox, WhatIsNotWantedAnyMoreIsDropped) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  ASSERT_TRUE(owner.exec(
      fmt::format("UPDATE sessions SET expires_at = now() WHERE id = '{}'", session.to_string())));
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(), "dropped 1");
  EXPECT_TRUE(service.sent.empty());
}

TEST_F(PushOutbox, AHostThatIsNotListedAnyMoreIsSentNothing) {
  rows_of(subscribe(user, session, "https://other.example.com/a"));
  tell(user);
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(), "dead 1");
  EXPECT_TRUE(service.sent.empty());
}

TEST_F(PushOutbox, ASessionTakesItsBrowserAlong) {
  const Uuid other = new_session(user);
  rows_of(subscribe(user, session, endpoint()));
  rows_of(subscribe(user, other, endpoint()));
  ASSERT_TRUE(db.exec(
      fmt::format("UPDATE sessions SET revoked_at = now() WHERE id = '{}'", session.to_string())));
  ASSERT_TRUE(db.exec(fmt::format("DELETE FROM sessions WHERE id = '{}'", other.to_string())));
  EXPECT_EQ(text("SELECT count(*)::text FROM push_subscriptions"), "0");
  EXPECT_TRUE(subscribe(user, session, endpoint())->empty()) << "it has ended";
}

TEST_F(PushOutbox, ABrowserIsOfOneUserAndOneSession) {
  const Uuid friend_of = testing::make_user(db, testing::unique_name("push"));
  const Uuid theirs = new_session(friend_of);
  EXPECT_TRUE(subscribe(friend_of, session, endpoint())->empty()) << "not their session";
  const std::string address = endpoint(), key = new_point();
  const auto mine = subscribe(user, session, address, key).value();
  tell(user);
  EXPECT_EQ(subscribe(friend_of, theirs, address).error().constraint, "push_subscriptions_keys");
  const auto moved = subscribe(friend_of, theirs, address, key).value();
  EXPECT_NE(moved.front().id, mine.front().id);
  EXPECT_EQ(text("SELECT string_agg(user_id::text, ',') FROM push_subscriptions"),
            friend_of.to_string());
  EXPECT_EQ(state(), "") << "what was about the one is not told to the other";
}

TEST_F(PushOutbox, EachServiceDoesItsOwnAlone) {
  rows_of(subscribe(user, session, endpoint()));
  tell(user);
  auto transaction = Database::connect("transaction");
  auto reporting = Database::connect("reporting");
  for (pg::Connection* other : {&transaction, &reporting})
    for (const char* sql :
         {"SELECT 1 FROM push_subscriptions", "SELECT 1 FROM push_outbox",
          "DELETE FROM push_subscriptions", "SELECT push_events(1)", "SELECT push_batches(0, 0, 1)",
          "SELECT forget_pushes()", "SELECT 1 FROM push_chains"})
      EXPECT_EQ(sqlstate(*other, sql), "42501") << sql;
  for (const char* sql :
       {"INSERT INTO push_outbox (subscription_id, event_key, kind, user_id, event_id, "
        "happened_at, expires_at)"
        " SELECT id, 'x', 'app_added', user_id, 1, now(), now() FROM push_subscriptions",
        "INSERT INTO push_subscriptions SELECT * FROM push_subscriptions",
        "UPDATE push_outbox SET user_id = gen_random_uuid()", "UPDATE push_outbox SET kind = 'x'",
        "UPDATE push_subscriptions SET user_id = gen_random_uuid()",
        "UPDATE push_subscriptions SET endpoint = 'https://push.example.com/b'",
        "UPDATE push_place SET event_id = 0"})
    EXPECT_EQ(sqlstate(db, sql), "42501") << sql;
  for (const char* sql : {"UPDATE push_subscriptions SET user_id = gen_random_uuid()",
                          "UPDATE push_subscriptions SET endpoint = 'https://push.example.com/b'"})
    EXPECT_EQ(sqlstate(owner, sql), "IP002") << sql;
  EXPECT_EQ(sqlstate(owner, "UPDATE push_subscriptions SET session_id = gen_random_uuid()"),
            "IP016");
  EXPECT_EQ(
      sqlstate(
          owner,
          fmt::format(
              "INSERT INTO push_subscriptions (id, user_id, session_id, endpoint, p256dh, auth, "
              "vapid_kid)"
              " SELECT gen_random_uuid(), gen_random_uuid(), '{}', 'https://a/', p256dh, auth, 'k'"
              " FROM push_subscriptions",
              session.to_string())),
      "IP016");
}

}  // namespace
}  // namespace instapay::push
