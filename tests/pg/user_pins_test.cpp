// PINs in the database: when one is set, how wrong ones are counted, what a day's sum holds, and
// what each role may do.
#include <thread>

#include "auth/pin.h"
#include "auth/secret_keys.h"
#include "core/sha256.h"
#include "pg/users.h"
#include "user/factor_upkeep.h"
#include "user/factors.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;
using testing::sql;
namespace q = queries::user;

const std::string kHash(60, 'h');

// Somebody with a factor, and a session that has shown it just now.
struct Holder {
  pg::Connection db = Database::connect("user");
  pg::Connection payments = Database::connect("transaction");
  auth::SecretKeys keys = auth::SecretKeys::parse(auth::SecretKeys::generate()).value();
  Uuid id = testing::make_user(db, testing::unique_name("pin"));
  Uuid session = begin_session();

  Holder() { change("UPDATE users SET factor_since = now() WHERE id = $1::uuid", id); }

  Uuid begin_session() {
    const Uuid made = Uuid::random();
    Params params;
    params.add(id).add("hash").add(made).add("agent").add("127.0.0.1");
    params.add(std::int32_t{60}).add_bytes(sha256(made.to_string()));
    params.add(std::int32_t{60}).add(std::int32_t{10}).add("totp").add_null();
    params.add(false).add("");
    rows_of(db.query(q::create_session, params));
    return made;
  }
  void change(std::string_view text, const Uuid& whose) {
    auto owner = Database::connect();
    rows_of(owner.query({"test/change", text}, Params().add(whose)));
  }
  std::int64_t count(std::string_view text) {
    return rows_of(db.query({text, text}, Params().add(id))).int64(0, 0);
  }
  auto try_set() {
    Params params;
    params.add(id).add(session);
    user::add_sealed(params, keys.seal(kHash, auth::pin_owner(id, session)));
    params.add(count("SELECT factor_version FROM users WHERE id = $1::uuid"));
    params.add("Firefox").add(true);
    return db.query(q::set_pin, params);
  }
  bool set() { return !rows_of(try_set()).empty(); }
  auto begin() { return rows_of(db.query(q::begin_pin_attempt, Params().add(id).add(session))); }
  // Nullopt: none is left.
  std::optional<std::int32_t> attempt() {
    const auto rows = begin();
    const auto row = rows.front();
    return row.begun ? std::optional(row.attempts_left) : std::nullopt;
  }
  Uuid pin() {
    return rows_of(db.query({"test/pin", "SELECT id FROM session_pins WHERE session_id = $1::uuid"},
                            Params().add(session)))
        .uuid(0, 0);
  }
  bool lock(const Uuid& which) {
    Params params;
    params.add(session).add(which).add("Firefox").add(true);
    return !rows_of(db.query(q::lock_pin, params)).empty();
  }
  bool use(const Uuid& which) {
    Params params;
    params.add(id).add(session).add(which).add(std::int32_t{60});
    params.add(count("SELECT factor_version FROM users WHERE id = $1::uuid"));
    return !rows_of(db.query(q::use_pin, params)).empty();
  }
  std::string take(std::int64_t total, std::int64_t per_payment = 100, std::int64_t per_day = 250) {
    return take(payments, total, per_payment, per_day);
  }
  std::string take(pg::Connection& by, std::int64_t total, std::int64_t per_payment,
                   std::int64_t per_day) {
    Params params;
    params.add(id).add(session).add(total).add(per_payment).add(per_day);
    const auto rows = rows_of(by.query(queries::transaction::take_pin_allowance, params));
    day = std::string(rows.front().day);
    return std::string(rows.front().verdict);
  }
  std::int64_t pins() {
    return count("SELECT count(*) FROM session_pins WHERE user_id = $1::uuid");
  }

  std::string day;
};

TEST(Pins, AreSetAfterAFactorOnly) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  holder.change(
      "UPDATE sessions SET factor_at = now() - interval '7 minutes' WHERE user_id = $1::uuid",
      holder.id);
  EXPECT_TRUE(holder.try_set().error().is("IP015"));
  holder.change("UPDATE sessions SET factor = NULL, factor_at = NULL WHERE user_id = $1::uuid",
                holder.id);
  EXPECT_EQ(holder.pins(), 0) << "what it was proven by is gone";
  EXPECT_TRUE(holder.try_set().error().is("IP015"));
}

TEST(Pins, OfManyGuessesAtOnceFiveAreTried) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  std::atomic<int> begun = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i)
      threads.emplace_back([&] {
        auto db = Database::connect("user");
        const auto rows =
            rows_of(db.query(q::begin_pin_attempt, Params().add(holder.id).add(holder.session)));
        begun += rows.front().begun ? 1 : 0;
      });
  }
  EXPECT_EQ(begun, auth::kPinFailuresMax);
  EXPECT_EQ(holder.attempt(), std::nullopt);
}

TEST(Pins, ALockStaysUntilAnotherIsSet) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  const Uuid pin = holder.pin();
  for (int left = auth::kPinFailuresMax - 1; left >= 0; --left) {
    EXPECT_FALSE(holder.lock(pin)) << "not yet";
    EXPECT_EQ(holder.attempt(), left);
  }
  EXPECT_TRUE(holder.lock(pin));
  EXPECT_FALSE(holder.lock(pin)) << "told once";
  EXPECT_EQ(
      holder.count(
          "SELECT count(*) FROM mail_outbox WHERE user_id = $1::uuid AND kind = 'pin_locked'"),
      1);
  EXPECT_FALSE(holder.use(pin));
  auto owner = Database::connect();
  for (const auto& set : {"failures = 0, locked_at = NULL", "failures = 4", "locked_at = NULL",
                          "user_id = gen_random_uuid()", "session_id = gen_random_uuid()",
                          "set_at = now() - interval '1 day'"})
    EXPECT_FALSE(owner.query(
        {set, std::string("UPDATE session_pins SET ") + set + " WHERE session_id = $1::uuid"},
        Params().add(holder.session)))
        << set;
  ASSERT_TRUE(holder.set());
  EXPECT_EQ(holder.attempt(), 4);
  EXPECT_FALSE(holder.use(pin)) << "it is another one now";
  EXPECT_TRUE(holder.use(holder.pin()));
  EXPECT_EQ(holder.attempt(), 4) << "the right one forgave those before";
}

TEST(Pins, WrongOnesInAllLockItToo) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  const Uuid pin = holder.pin();
  for (int wrong = 0; wrong < auth::kPinMissesMax - 1; ++wrong) {
    if (wrong > 0 && wrong % 4 == 0) {
      ASSERT_NE(holder.attempt(), std::nullopt);
      ASSERT_TRUE(holder.use(pin));
    }
    ASSERT_NE(holder.attempt(), std::nullopt) << wrong;
  }
  for (const std::string_view set : {"misses = 0", "misses = misses - 2", "set_by = 'passkey'"}) {
    const std::string text =
        "UPDATE session_pins SET " + std::string(set) + " WHERE session_id = $1::uuid";
    auto owner = Database::connect();
    EXPECT_FALSE(owner.query({"test/spoil", text}, Params().add(holder.session))) << set;
  }
  EXPECT_FALSE(holder.lock(pin)) << "not yet";
  EXPECT_EQ(holder.attempt(), 0);
  EXPECT_EQ(holder.attempt(), std::nullopt);
  EXPECT_EQ(holder.take(1), "none");
  EXPECT_TRUE(holder.lock(pin));
  ASSERT_TRUE(holder.set());
  EXPECT_EQ(holder.attempt(), 4);
}

TEST(Pins, EndWithThePasskeyTheyWereSetBy) {
  for (const std::string_view factor : {"passkey", "totp"}) {
    Holder holder;
    holder.change(
        "INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, sign_count, "
        "aaguid, backup_eligible, backed_up, name) VALUES (gen_random_uuid(), $1::uuid, "
        "uuid_send($1), uuid_send($1), -7, 0, gen_random_uuid(), false, false, 'key')",
        holder.id);
    const std::string proven = "UPDATE sessions SET factor = '" + std::string(factor) +
                               "', factor_at = now() WHERE user_id = $1::uuid";
    holder.change(proven, holder.id);
    ASSERT_TRUE(holder.set());
    // Another factor that was shown since changes nothing in that.
    holder.change("UPDATE sessions SET factor = 'recovery_code' WHERE user_id = $1::uuid",
                  holder.id);
    holder.change("DELETE FROM passkeys WHERE user_id = $1::uuid", holder.id);
    EXPECT_EQ(holder.pins(), factor == "passkey" ? 0 : 1) << factor;
  }
}

TEST(Pins, FactorsThatAreTurnedOffLeaveNoLimits) {
  Holder holder;
  rows_of(holder.db.query(q::set_pin_limits,
                          Params().add(holder.id).add(std::int64_t{50}).add(std::int64_t{60})));
  holder.change("UPDATE users SET factor_since = NULL WHERE id = $1::uuid", holder.id);
  EXPECT_EQ(holder.count("SELECT count(*) FROM users WHERE id = $1::uuid "
                         "AND pin_per_payment IS NULL AND pin_per_day IS NULL"),
            1);
}

TEST(Pins, AnAttemptThatWasNotMadeIsGivenBack) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  holder.attempt();
  const auto back = [&] {
    return rows_of(holder.db.query(q::abandon_pin_attempt,
                                   Params().add(holder.session).add(holder.pin())))
        .size();
  };
  EXPECT_EQ(back(), 1);
  EXPECT_EQ(back(), 0) << "there is nothing to give back";
  EXPECT_EQ(holder.attempt(), 4);
}

TEST(Pins, EndWithTheirSessionAndWithTheFactors) {
  for (const std::string_view end :
       {"UPDATE sessions SET revoked_at = now() WHERE user_id = $1::uuid",
        "DELETE FROM sessions WHERE user_id = $1::uuid",
        "UPDATE users SET factor_since = NULL WHERE id = $1::uuid"}) {
    Holder holder;
    ASSERT_TRUE(holder.set());
    holder.change(end, holder.id);
    EXPECT_EQ(holder.pins(), 0) << end;
  }
}

TEST(Pins, ADaysSumIsNeverPassed) {
  Holder holder;
  EXPECT_EQ(holder.take(60), "none");
  ASSERT_TRUE(holder.set());
  EXPECT_EQ(holder.take(60), "unshown");
  ASSERT_TRUE(holder.use(holder.pin()));
  for (const std::int64_t total : {std::int64_t{101}, std::int64_t{0}, std::int64_t{-5}})
    EXPECT_EQ(holder.take(total), "limit") << total;
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        auto by = Database::connect("transaction");
        Params params;
        params.add(holder.id).add(holder.session).add(std::int64_t{60});
        params.add(std::int64_t{100}).add(std::int64_t{250});
        const auto rows = rows_of(by.query(queries::transaction::take_pin_allowance, params));
        taken += rows.front().verdict == "taken" ? 1 : 0;
      });
  }
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(holder.take(60), "limit");
  rows_of(holder.payments.query(queries::transaction::return_pin_allowance,
                                Params().add(holder.id).add(holder.day).add(std::int64_t{60})));
  EXPECT_EQ(holder.take(60), "taken");
  rows_of(holder.db.query(q::set_pin_limits,
                          Params().add(holder.id).add(std::int64_t{50}).add(std::int64_t{500})));
  EXPECT_EQ(holder.take(60), "limit") << "its owner allows less";
}

TEST(Pins, WhatWasShownEndsWithTheLockAndTheRemoval) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  ASSERT_TRUE(holder.use(holder.pin()));
  EXPECT_EQ(holder.take(1), "taken");
  for (int i = 0; i < auth::kPinFailuresMax; ++i) holder.attempt();
  EXPECT_EQ(holder.take(1), "none");
  ASSERT_TRUE(holder.lock(holder.pin()));
  ASSERT_TRUE(holder.set());
  EXPECT_EQ(holder.take(1), "unshown");
  ASSERT_TRUE(holder.use(holder.pin()));
  rows_of(holder.db.query(q::remove_pin, Params().add(holder.id).add(holder.session)));
  EXPECT_EQ(holder.take(1), "none");
}

TEST(Pins, EachRoleDoesItsPartOnly) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  struct Case {
    std::string role, text;
  };
  for (const auto& [role, text] : std::to_array<Case>({
           {"transaction", "SELECT sealed_hash FROM session_pins"},
           {"transaction", "UPDATE session_pins SET proven_at = now()"},
           {"transaction", "UPDATE pin_days SET spent = 0"},
           {"transaction", "DELETE FROM pin_days"},
           {"transaction", "UPDATE users SET pin_per_day = NULL"},
           {"reporting", "SELECT FROM session_pins"},
           {"reporting", "SELECT FROM pin_days"},
           {"reporting",
            "SELECT take_pin_allowance(gen_random_uuid(), gen_random_uuid(), 1, 1, 1)"},
           {"user", "UPDATE pin_days SET spent = 0"},
           {"user", "INSERT INTO pin_days VALUES (gen_random_uuid(), current_date, 0)"},
           {"user",
            "INSERT INTO session_pins (session_id, user_id, id, key_id, sealed_hash, proven_at) "
            "SELECT session_id, user_id, id, key_id, sealed_hash, now() FROM session_pins"},
           {"user", "SELECT return_pin_allowance(gen_random_uuid(), current_date, 1)"},
       })) {
    auto db = Database::connect(role);
    const auto done = db.query({text, text});
    ASSERT_FALSE(done) << role << ": " << text;
    EXPECT_TRUE(done.error().is("42501")) << role << ": " << text;
  }
}

TEST(Pins, AreSealedAnewByTheFirstKey) {
  Holder holder;
  ASSERT_TRUE(holder.set());
  auto owner = Database::connect();
  const std::string old = auth::SecretKeys::generate(), fresh = auth::SecretKeys::generate();
  holder.keys = auth::SecretKeys::parse(old).value();
  ASSERT_TRUE(holder.set());
  const auto both = auth::SecretKeys::parse(fresh + "\n" + old).value();
  EXPECT_GE(rows_of(user::keep_up_factors(holder.db, both)), 1);
  const auto row = holder.begin();
  auth::SecretKeys::Sealed sealed;
  std::copy_n(row.front().key_id->begin(), sealed.key_id.size(), sealed.key_id.begin());
  sealed.bytes.assign(row.front().sealed_hash->begin(), row.front().sealed_hash->end());
  const auto first = auth::SecretKeys::parse(fresh).value();
  EXPECT_EQ(first.open(sealed, auth::pin_owner(holder.id, holder.session)), kHash);
  EXPECT_EQ(first.open(sealed, auth::pin_owner(holder.id, Uuid::random())), std::nullopt);
}

}  // namespace
}  // namespace instapay
