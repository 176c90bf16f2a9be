// Passkeys in the database: what is answered once, what never changes, and who waits for whom.
#include <thread>

#include "auth/secret_keys.h"
#include "core/limits.h"
#include "core/sha256.h"
#include "core/time.h"
#include "pg/users.h"
#include "user/factor_upkeep.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;
using testing::sql;
namespace q = queries::user;

std::span<const std::uint8_t> view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Holder {
  pg::Connection db = Database::connect("user");
  Uuid id = testing::make_user(db, testing::unique_name("passkey"));
  Uuid session = Uuid::random();

  static Params params_of(const Uuid& user, const Uuid& passkey, std::int64_t counter,
                          const Hash256& challenge, const Uuid& session) {
    Params params;
    params.add(user).add(passkey).add_bytes(view(passkey.to_string())).add_bytes(view("key"));
    params.add(std::int32_t{-7}).add(counter).add(Uuid()).add(true).add(false);
    params.add_bytes(challenge).add_time(now_us() + 300 * kSecond_us).add(session);
    params.add_bytes_array({}).add("internal").add("Phone").add(false);
    return params;
  }
  q::AddPasskeyRow add(const Uuid& passkey, std::int64_t counter = 1,
                       std::optional<Hash256> challenge = std::nullopt) {
    const auto rows = rows_of(
        db.query(q::add_passkey,
                 params_of(id, passkey, counter,
                           challenge.value_or(sha256(Uuid::random().to_string())), session)));
    return rows.front();
  }
  q::UsePasskeyRow use(const Uuid& passkey, std::int64_t counter,
                       std::optional<Hash256> challenge = std::nullopt) {
    const Hash256 hash = challenge.value_or(sha256(Uuid::random().to_string()));
    const auto rows = rows_of(
        db.query(q::use_passkey,
                 Params().add(passkey).add(id).add(counter).add(false).add_bytes(hash).add_time(
                     now_us() + kSecond_us)));
    return rows.front();
  }
  std::string remove(pg::Connection& by, const Uuid& passkey) const {
    const auto rows =
        rows_of(by.query(q::remove_passkey, Params().add(id).add(passkey).add(false)));
    return std::string(rows.front().verdict);
  }
  std::int64_t number(std::string_view name, std::string_view text) {
    return sql(db, name, text, Params().add(id)).int64(0, 0);
  }
  std::int64_t passkeys() {
    return number("test/passkeys", "SELECT count(*) FROM passkeys WHERE user_id = $1::uuid");
  }
  std::int64_t version() {
    return number("test/version", "SELECT factor_version FROM users WHERE id = $1::uuid");
  }
  Params session_params(std::int64_t version) const {
    Params params;
    params.add(id).add("hash").add(Uuid::random()).add("agent").add("127.0.0.1");
    params.add(std::int32_t{60}).add_bytes(sha256(Uuid::random().to_string()));
    params.add(std::int32_t{60}).add(std::int32_t{10}).add("passkey").add(version);
    params.add(false).add("");
    return params;
  }
};

TEST(Passkeys, AChallengeIsAnsweredOnceForWhateverItIs) {
  Holder holder;
  const Uuid first = Uuid::random();
  const Hash256 challenge = sha256(first.to_string());
  EXPECT_TRUE(holder.add(first, 1, challenge).turned_on);
  const auto again = holder.add(Uuid::random(), 1, challenge);
  EXPECT_FALSE(again.was_first);
  EXPECT_FALSE(again.added_at);
  const auto used = holder.use(first, 2, challenge);
  EXPECT_FALSE(used.was_first);
  EXPECT_FALSE(used.used);
  EXPECT_EQ(holder.passkeys(), 1);
}

TEST(Passkeys, OfManyAtOnceOneAnswers) {
  Holder holder;
  const Uuid passkey = Uuid::random();
  holder.add(passkey, 0);
  const Hash256 challenge = sha256("once " + passkey.to_string());
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        auto db = Database::connect("user");
        const auto rows = rows_of(db.query(q::use_passkey, Params()
                                                               .add(passkey)
                                                               .add(holder.id)
                                                               .add(std::int64_t{0})
                                                               .add(false)
                                                               .add_bytes(challenge)
                                                               .add_time(now_us() + kSecond_us)));
        answered += rows.front().used ? 1 : 0;
      });
  }
  EXPECT_EQ(answered, 1);
}

TEST(Passkeys, ACounterGrowsUnlessThereIsNone) {
  Holder holder;
  const Uuid counting = Uuid::random(), silent = Uuid::random();
  holder.add(counting, 5);
  holder.add(silent, 0);
  EXPECT_FALSE(holder.use(counting, 5).used);
  EXPECT_FALSE(holder.use(counting, 0).used);
  EXPECT_TRUE(holder.use(counting, 6).used);
  EXPECT_FALSE(holder.use(counting, 6).used);
  EXPECT_TRUE(holder.use(silent, 0).used);
  EXPECT_TRUE(holder.use(silent, 0).used);
  EXPECT_TRUE(holder.use(silent, 7).used) << "it counts from now on";
  EXPECT_FALSE(holder.use(silent, 0).used);
  const auto mark = [&](const Uuid& passkey, std::int64_t counter) {
    return rows_of(holder.db.query(queries::auth::mark_passkey_copied,
                                   Params().add(passkey).add(holder.id).add(counter)))
        .size();
  };
  EXPECT_EQ(mark(counting, 6), 1);
  EXPECT_EQ(mark(counting, 7), 0);
  EXPECT_EQ(mark(Uuid::random(), 0), 0);
}

TEST(Passkeys, TheDatabaseChangesNoneWhoeverAsks) {
  Holder holder;
  const Uuid passkey = Uuid::random();
  holder.add(passkey, 5);
  holder.use(passkey, 6);
  auto owner = Database::connect();
  for (const auto& [name, set] :
       {std::pair{"test/back", "sign_count = 5"}, std::pair{"test/key", "public_key = 'x'"},
        std::pair{"test/credential", "credential_id = 'x'"},
        std::pair{"test/user", "user_id = gen_random_uuid()"},
        std::pair{"test/eligible", "backup_eligible = false"},
        std::pair{"test/algorithm", "algorithm = -35"}, std::pair{"test/name", "name = ''"},
        std::pair{"test/count", "sign_count = 4294967296"}})
    EXPECT_FALSE(
        owner.query({name, std::string("UPDATE passkeys SET ") + set + " WHERE user_id = $1::uuid"},
                    Params().add(holder.id)))
        << name;
  EXPECT_FALSE(owner.exec("DELETE FROM spent_challenges WHERE expires_at > now()"));
  EXPECT_FALSE(owner.exec("UPDATE spent_challenges SET expires_at = now() - interval '1 day'"));
  // Nor does the service's role change what it has no business with.
  EXPECT_TRUE(holder.db.query({"test/denied", "UPDATE passkeys SET aaguid = gen_random_uuid()"})
                  .error()
                  .is("42501"));
}

TEST(Passkeys, ThereIsALimit) {
  Holder holder;
  for (int i = 0; i < kPasskeysPerUserMax; ++i) EXPECT_TRUE(holder.add(Uuid::random()).added_at);
  const auto beyond = holder.db.query(
      q::add_passkey, Holder::params_of(holder.id, Uuid::random(), 1,
                                        sha256(Uuid::random().to_string()), holder.session));
  ASSERT_FALSE(beyond);
  EXPECT_TRUE(beyond.error().is("IP011"));
}

TEST(Passkeys, WhoTurnsFactorsOffHasNone) {
  Holder holder;
  holder.add(Uuid::random());
  EXPECT_EQ(rows_of(holder.db.query(q::remove_factors, Params().add(holder.id).add(false))).size(),
            1);
  EXPECT_EQ(holder.passkeys(), 0);
}

TEST(Passkeys, TheLastOneTurnsFactorsOffButThoseOfStaff) {
  Holder holder;
  const Uuid first = Uuid::random(), second = Uuid::random();
  holder.add(first);
  EXPECT_FALSE(holder.add(second).turned_on);
  EXPECT_EQ(Holder().remove(holder.db, first), "none") << "somebody else's";
  const std::int64_t before = holder.version();
  EXPECT_EQ(holder.remove(holder.db, first), "removed");
  EXPECT_EQ(holder.version(), before + 1);
  sql(holder.db, "test/staff", "UPDATE users SET role = 'auditor' WHERE id = $1::uuid RETURNING 1",
      Params().add(holder.id));
  EXPECT_EQ(holder.remove(holder.db, second), "last");
  EXPECT_EQ(holder.passkeys(), 1);
  sql(holder.db, "test/user", "UPDATE users SET role = 'user' WHERE id = $1::uuid RETURNING 1",
      Params().add(holder.id));
  EXPECT_EQ(holder.remove(holder.db, second), "turned_off");
  EXPECT_EQ(
      holder.number("test/off",
                    "SELECT count(*) FROM users WHERE id = $1::uuid AND factor_since IS NULL"),
      1);
}

TEST(Passkeys, OfTwoRemovalsAtOnceOneIsTheLast) {
  Holder holder;
  const Uuid first = Uuid::random(), second = Uuid::random();
  holder.add(first);
  holder.add(second);
  sql(holder.db, "test/staff", "UPDATE users SET role = 'operator' WHERE id = $1::uuid RETURNING 1",
      Params().add(holder.id));
  ASSERT_TRUE(holder.db.exec("BEGIN"));
  EXPECT_EQ(holder.remove(holder.db, first), "removed");
  std::jthread other([&] {
    auto db = Database::connect("user");
    EXPECT_EQ(holder.remove(db, second), "last") << "it sees the removal that it waited for";
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(holder.db.exec("COMMIT"));
}

TEST(Passkeys, ALoginThatCrossesARemovalLeavesNoSession) {
  Holder holder;
  const Uuid passkey = Uuid::random();
  holder.add(passkey);
  holder.add(Uuid::random());
  const std::int64_t version = holder.version();
  ASSERT_TRUE(holder.db.exec("BEGIN"));
  EXPECT_EQ(holder.remove(holder.db, passkey), "removed");
  std::jthread login([&] {
    auto db = Database::connect("user");
    EXPECT_TRUE(rows_of(db.query(q::create_session, holder.session_params(version))).empty());
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(holder.db.exec("COMMIT"));
  login.join();
  auto db = Database::connect("user");
  EXPECT_EQ(rows_of(db.query(q::create_session, holder.session_params(version + 1))).size(), 1);
}

TEST(Passkeys, AProofThatCrossesARemovalIsNone) {
  Holder holder;
  const Uuid passkey = Uuid::random();
  holder.add(passkey);
  holder.add(Uuid::random());
  const std::int64_t version = holder.version();
  const auto begun = rows_of(holder.db.query(q::create_session, holder.session_params(version)));
  const Uuid session = begun.uuid(0, 0);
  const auto prove = [&](std::int64_t in) {
    auto db = Database::connect("user");
    Params params;
    params.add(holder.id).add(session).add("passkey").add(std::int32_t{3600}).add(in);
    return rows_of(db.query(q::prove_session, params)).size();
  };
  EXPECT_EQ(prove(version), 1);
  ASSERT_TRUE(holder.db.exec("BEGIN"));
  EXPECT_EQ(holder.remove(holder.db, passkey), "removed");
  std::jthread proof([&] { EXPECT_EQ(prove(version), 0); });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(holder.db.exec("COMMIT"));
  proof.join();
  EXPECT_EQ(
      holder.number("test/unproven",
                    "SELECT count(*) FROM sessions WHERE user_id = $1::uuid AND factor IS NULL"),
      1)
      << "nor is what was proven before";
}

TEST(Passkeys, OldChallengesAreForgotten) {
  Holder holder;
  const Hash256 hash = sha256("old " + holder.id.to_string());
  const auto put = [&](const char* age) {
    sql(holder.db, "test/spend",
        "INSERT INTO spent_challenges VALUES ($1::bytea, now() - $2::text::interval) "
        "ON CONFLICT DO NOTHING RETURNING 1",
        Params().add_bytes(hash).add(age));
  };
  const auto left = [&] {
    return sql(holder.db, "test/spent",
               "SELECT count(*) FROM spent_challenges WHERE challenge_hash = $1::bytea",
               Params().add_bytes(hash))
        .int64(0, 0);
  };
  const auto keys = auth::SecretKeys::parse(auth::SecretKeys::generate()).value();
  put("59 minutes");
  ASSERT_TRUE(user::keep_up_factors(holder.db, keys));
  EXPECT_EQ(left(), 1) << "clocks of services may differ";
  sql(holder.db, "test/drop",
      "DELETE FROM spent_challenges WHERE challenge_hash = $1::bytea RETURNING 1",
      Params().add_bytes(hash));
  put("61 minutes");
  // More than are forgotten at a time, all of them older.
  ASSERT_TRUE(holder.db.exec(
      "INSERT INTO spent_challenges SELECT sha256(n::text::bytea), now() - interval '1 day' "
      "FROM generate_series(1, " +
      std::to_string(user::kChallengesForgotten) + ") n"));
  ASSERT_TRUE(user::keep_up_factors(holder.db, keys));
  EXPECT_EQ(left(), 0);
}

}  // namespace
}  // namespace instapay
