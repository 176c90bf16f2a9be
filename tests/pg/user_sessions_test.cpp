#include <thread>

#include "core/sha256.h"
#include "core/time.h"
#include "pg/database.h"
#include "pg/users.h"
#include "queries.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;
namespace q = queries::user;

constexpr std::int32_t kHour_s = 3600;
constexpr std::int32_t kSession_s = 24 * kHour_s;
constexpr std::int32_t kSessionsMax = 100;

// A user with one session per call of begin().
struct Person {
  pg::Connection db = Database::connect("user");
  Uuid id = Uuid::v7(now_us());
  std::string name = "u" + std::to_string(id.unix_ms() % 1'000'000'000) +
                     std::to_string(std::hash<Uuid>{}(id) % 100'000);
  std::string email = name + "@example.com";
  std::string hash = "hash 1";

  Person() { rows_of(testing::insert_user(db, id, name, email, hash)); }

  static Params session_params(const Uuid& user, const std::string& hash, const Uuid& session,
                               std::string_view token, std::int32_t ttl_s = kHour_s,
                               std::int32_t sessions_max = kSessionsMax) {
    return std::move(Params()
                         .add(user)
                         .add(hash)
                         .add(session)
                         .add("agent")
                         .add("127.0.0.1")
                         .add(ttl_s)
                         .add_bytes(sha256(token))
                         .add(kSession_s)
                         .add(sessions_max)
                         .add_null()
                         .add_null()
                         .add(false)
                         .add(""));
  }
  Uuid begin(std::string_view token, std::int32_t ttl_s = kHour_s) {
    const Uuid session = Uuid::random();
    const auto rows =
        rows_of(db.query(q::create_session, session_params(id, hash, session, token, ttl_s)));
    EXPECT_EQ(rows.size(), 1);
    return session;
  }
  std::vector<Uuid> sessions() {
    const auto rows = rows_of(db.query(q::list_sessions, Params().add(id).add(100)));
    std::vector<Uuid> found;
    for (const auto& row : rows) found.push_back(row.id);
    return found;
  }
};

struct Exchange {
  std::string verdict;
  std::string sealed;
};
Exchange exchange(pg::Connection& db, std::string_view token, std::string_view successor,
                  std::int32_t session_s = kSession_s) {
  const auto sealed = sha256("sealed " + std::string(successor));
  const auto rows = rows_of(db.query(q::rotate_refresh_token, Params()
                                                                  .add_bytes(sha256(token))
                                                                  .add_bytes(sha256(successor))
                                                                  .add_bytes(sealed)
                                                                  .add(kHour_s)
                                                                  .add(session_s)));
  if (rows.empty()) return {"unknown", ""};
  return {std::string(rows.text(0, 0)), std::string(rows.text(0, 2))};
}

std::string sealed_of(std::string_view successor) {
  const auto bytes = sha256("sealed " + std::string(successor));
  return {bytes.begin(), bytes.end()};
}

TEST(RefreshTokens, ExchangeAChain) {
  Person person;
  const std::string base = person.name;
  const Uuid session = person.begin(base + "0");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(exchange(person.db, base + std::to_string(i), base + std::to_string(i + 1)).verdict,
              "rotated");
  EXPECT_EQ(person.sessions(), std::vector{session});
  EXPECT_EQ(exchange(person.db, "never made", "x").verdict, "unknown");
}

TEST(RefreshTokens, ALostAnswerIsGivenAgain) {
  Person person;
  person.begin(person.name + "a");
  EXPECT_EQ(exchange(person.db, person.name + "a", person.name + "b").verdict, "rotated");
  const auto again = exchange(person.db, person.name + "a", person.name + "c");
  EXPECT_EQ(again.verdict, "replayed");
  EXPECT_EQ(again.sealed, sealed_of(person.name + "b"));
  EXPECT_EQ(exchange(person.db, person.name + "c", "x").verdict, "unknown") << "never came to be";
  EXPECT_EQ(exchange(person.db, person.name + "b", person.name + "d").verdict, "rotated");
}

TEST(RefreshTokens, ReuseEndsTheSessionAndNoOther) {
  Person person;
  person.begin(person.name + "a");
  const Uuid other = person.begin(person.name + "other");
  EXPECT_EQ(exchange(person.db, person.name + "a", person.name + "b").verdict, "rotated");
  EXPECT_EQ(exchange(person.db, person.name + "b", person.name + "c").verdict, "rotated");
  EXPECT_EQ(exchange(person.db, person.name + "a", person.name + "d").verdict, "reused");
  EXPECT_EQ(exchange(person.db, person.name + "c", person.name + "e").verdict, "expired");
  EXPECT_EQ(person.sessions(), std::vector{other});
}

TEST(RefreshTokens, NoneOutlivesItsSession) {
  Person person;
  const Uuid session = person.begin(person.name + "a");
  EXPECT_EQ(exchange(person.db, person.name + "a", person.name + "b").verdict, "rotated");
  auto owner = Database::connect();
  rows_of(owner.query(
      {"test/session_age",
       "UPDATE sessions SET created_at = now() - interval '24 hours' WHERE id = $1::uuid"},
      Params().add(session)));
  EXPECT_EQ(exchange(person.db, person.name + "b", person.name + "c").verdict, "expired");
}

TEST(RefreshTokens, ExpiredOnesAreRefused) {
  Person person;
  person.begin(person.name + "a", 0);
  EXPECT_EQ(exchange(person.db, person.name + "a", person.name + "b").verdict, "expired");
  EXPECT_TRUE(person.sessions().empty());
}

TEST(RefreshTokens, ManyExchangesAtOnceAgreeOnOneSuccessor) {
  Person person;
  const Uuid session = person.begin(person.name + "a");
  constexpr int kThreads = 8;
  std::array<Exchange, kThreads> answers;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        auto db = Database::connect("user");
        answers[i] = exchange(db, person.name + "a", person.name + "b" + std::to_string(i));
      });
  }
  std::string winner;
  for (int i = 0; i < kThreads; ++i)
    if (answers[i].verdict == "rotated") {
      EXPECT_TRUE(winner.empty()) << "exchanged twice";
      winner = sealed_of(person.name + "b" + std::to_string(i));
    }
  for (const Exchange& answer : answers) {
    if (answer.verdict == "rotated") continue;
    EXPECT_EQ(answer.verdict, "replayed");
    EXPECT_EQ(answer.sealed, winner);
  }
  EXPECT_EQ(person.sessions(), std::vector{session});
}

TEST(Sessions, BeginOnlyWithThePresentPassword) {
  Person person;
  const auto rows = rows_of(person.db.query(
      q::create_session, Person::session_params(person.id, "another hash", Uuid::random(), "t")));
  EXPECT_TRUE(rows.empty());
  EXPECT_TRUE(person.sessions().empty());
}

TEST(Sessions, ALoginThatCrossesAChangeOfPasswordLeavesNone) {
  Person person;
  const Uuid kept = person.begin(person.name + "kept");
  auto login = Database::connect("user");
  ASSERT_TRUE(login.exec("BEGIN"));
  rows_of(login.query(q::create_session,
                      Person::session_params(person.id, person.hash, Uuid::random(), person.name)));
  std::jthread change([&] {
    auto db = Database::connect("user");
    rows_of(db.query(q::change_password, Params()
                                             .add(person.id)
                                             .add(person.hash)
                                             .add("hash 2")
                                             .add(kept)
                                             .add(false)
                                             .add(Uuid::random())));
    rows_of(db.query(q::end_sessions, Params().add(person.id).add(kept)));
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(login.exec("COMMIT"));
  change.join();
  EXPECT_EQ(person.sessions(), std::vector{kept});
  const auto late = rows_of(login.query(
      q::create_session, Person::session_params(person.id, person.hash, Uuid::random(), "late")));
  EXPECT_TRUE(late.empty()) << "the old password opens nothing any more";
}

void close_account(pg::Connection& db, const Uuid& id) {
  rows_of(
      db.query({"test/close", "UPDATE accounts SET status = 2 WHERE id = $1::uuid RETURNING id"},
               Params().add(id)));
}

TEST(Sessions, ALoginThatCrossesAClosingLeavesNone) {
  Person person;
  auto login = Database::connect("user");
  ASSERT_TRUE(login.exec("BEGIN"));
  rows_of(login.query(q::create_session,
                      Person::session_params(person.id, person.hash, Uuid::random(), person.name)));
  std::jthread closing([&] {
    auto db = Database::connect("user");
    close_account(db, person.id);
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(login.exec("COMMIT"));
  closing.join();
  EXPECT_TRUE(person.sessions().empty()) << "the closing sees what began while it waited";
  EXPECT_EQ(exchange(person.db, person.name, person.name + "x").verdict, "closed");
}

TEST(Sessions, NoneBeginsInAClosedAccount) {
  Person person;
  auto closing = Database::connect("user");
  ASSERT_TRUE(closing.exec("BEGIN"));
  close_account(closing, person.id);
  std::jthread login([&] {
    auto db = Database::connect("user");
    const auto rows =
        rows_of(db.query(q::create_session, Person::session_params(person.id, person.hash,
                                                                   Uuid::random(), person.name)));
    EXPECT_TRUE(rows.empty()) << "the login sees the closing that it waited for";
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(closing.exec("COMMIT"));
  login.join();
  EXPECT_TRUE(person.sessions().empty());
}

TEST(Sessions, ThoseNotUsedForLongestMakeRoom) {
  Person person;
  constexpr std::int32_t kFew = 3;
  const auto begin = [&](const std::string& token) {
    const Uuid session = Uuid::random();
    auto db = Database::connect("user");
    const auto rows =
        rows_of(db.query(q::create_session, Person::session_params(person.id, person.hash, session,
                                                                   token, kHour_s, kFew)));
    EXPECT_EQ(rows.size(), 1);
    return session;
  };
  const Uuid first = begin(person.name + "1"), second = begin(person.name + "2");
  begin(person.name + "3");
  EXPECT_EQ(exchange(person.db, person.name + "1", person.name + "1b").verdict, "rotated");
  begin(person.name + "4");
  const auto left = person.sessions();
  EXPECT_EQ(left.size(), 3U);
  EXPECT_TRUE(std::ranges::find(left, first) != left.end()) << "used since";
  EXPECT_FALSE(std::ranges::find(left, second) != left.end());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] { begin(person.name + "t" + std::to_string(i)); });
  }
  EXPECT_EQ(person.sessions().size(), 3U) << "however many begin at once";
}

TEST(Sessions, OfTwoChangesOfPasswordOneWins) {
  Person person;
  std::atomic<int> changed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        auto db = Database::connect("user");
        Params params;
        params.add(person.id).add(person.hash).add("new " + std::to_string(i)).add_null();
        params.add(false).add(Uuid::random());
        changed += rows_of(db.query(q::change_password, params)).size();
      });
  }
  EXPECT_EQ(changed, 1);
}

TEST(Sessions, EndOneOrAll) {
  Person person, stranger;
  const Uuid first = person.begin(person.name + "1"), second = person.begin(person.name + "2");
  person.begin(person.name + "3");
  stranger.begin(stranger.name);
  const auto end = [&](const Uuid& user, const Uuid& session) {
    return rows_of(person.db.query(q::end_session, Params().add(user).add(session))).size();
  };
  EXPECT_EQ(end(stranger.id, first), 0) << "another's session is not found";
  EXPECT_EQ(end(person.id, first), 1);
  EXPECT_EQ(end(person.id, first), 0) << "ended already";
  rows_of(person.db.query(q::end_sessions, Params().add(person.id).add(second)));
  EXPECT_EQ(person.sessions(), std::vector{second});
  Params all;
  all.add(person.id).add_null();
  rows_of(person.db.query(q::end_sessions, all));
  EXPECT_TRUE(person.sessions().empty());
  EXPECT_EQ(stranger.sessions().size(), 1U);
}

TEST(Sessions, ArePurgedADayAfterTheirEnd) {
  Person person;
  person.begin(person.name + "1");
  const Uuid old = person.begin(person.name + "2");
  auto owner = Database::connect();
  rows_of(owner.query({"test/age",
                       "UPDATE sessions SET expires_at = now() - interval '25 hours' "
                       "WHERE id = $1::uuid"},
                      Params().add(old)));
  EXPECT_GE(rows_of(person.db.query(q::purge_sessions, Params().add(1000))).int64(0, 0), 1);
  const auto left = rows_of(owner.query({"test/tokens",
                                         "SELECT session_id FROM refresh_tokens WHERE session_id "
                                         "IN (SELECT id FROM sessions) AND session_id = $1::uuid "
                                         "UNION ALL SELECT id FROM sessions WHERE id = $1::uuid"},
                                        Params().add(old)));
  EXPECT_TRUE(left.empty());
  EXPECT_EQ(person.sessions().size(), 1U);
}

std::optional<std::string> revocation_of(pg::Connection& db, const Uuid& id) {
  const auto rows = rows_of(db.query(queries::auth::recent_revocations, Params().add(60)));
  for (const auto& row : rows)
    if (row.id == id) return std::string(row.role.value_or("ended"));
  return std::nullopt;
}

TEST(Revocations, EveryServiceMaySeeThem) {
  Person person;
  const Uuid ended = person.begin(person.name + "1"), alive = person.begin(person.name + "2");
  rows_of(person.db.query(q::end_session, Params().add(person.id).add(ended)));
  for (const std::string service : {"user", "transaction", "reporting"}) {
    auto db = Database::connect(service);
    EXPECT_EQ(revocation_of(db, ended), "ended") << service;
    EXPECT_EQ(revocation_of(db, alive), std::nullopt) << service;
    EXPECT_EQ(revocation_of(db, person.id), std::nullopt) << service;
  }
}

}  // namespace
}  // namespace instapay
