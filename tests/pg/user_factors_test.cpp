// Second factors in the database: what is used once, counted once, and who waits for whom.
#include <thread>

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

constexpr std::int64_t kStep = 56'666'666;
const std::string kSecret(20, 's');

const auth::SecretKeys& keys() {
  static const auth::SecretKeys made =
      auth::SecretKeys::parse(auth::SecretKeys::generate()).value();
  return made;
}

struct Person {
  pg::Connection db = Database::connect("user");
  Uuid id = testing::make_user(db, testing::unique_name("factor"));
  Uuid enrolment;

  bool begin(const auth::SecretKeys& with = keys()) {
    enrolment = Uuid::random();
    Params params;
    params.add(id).add(enrolment);
    user::add_sealed(params, with.seal(kSecret, user::totp_owner(id)));
    return !rows_of(db.query(q::begin_totp, params)).empty();
  }
  bool confirm(std::int64_t step = kStep, const user::RecoveryCodes& codes = {}) {
    Params params;
    params.add(id).add(enrolment).add(step).add(Uuid::random());
    user::add_hashes(params, codes);
    params.add(false);
    return !rows_of(db.query(q::confirm_totp, params)).empty();
  }
  bool use(std::int64_t step) {
    return !rows_of(db.query(q::use_totp, Params().add(id).add(enrolment).add(step))).empty();
  }
  pg::Rows begin_attempt() {
    auto rows = rows_of(db.query(q::begin_factor_attempt, Params()
                                                              .add(id)
                                                              .add(user::kFactorFailuresFree)
                                                              .add(user::kFactorWaitMin_s)
                                                              .add(user::kFactorWaitMax_s)));
    if (rows.empty()) throw std::out_of_range("no factor");
    return rows;
  }
  // Begins an attempt: 0 when it may go on, else for how long it has to wait.
  std::int64_t attempt() {
    const auto rows = begin_attempt();
    return rows.boolean(0, 0) ? 0 : rows.int64(0, 1);
  }
  // As if the wait of the last failure were over.
  void let_time_pass() {
    sql(db, "test/pass",
        "UPDATE factor_attempts SET locked_until = now() - interval '1 second' "
        "WHERE user_id = $1::uuid RETURNING 1",
        Params().add(id));
  }
  bool sign_in(std::optional<std::string_view> factor,
               std::optional<std::int64_t> version = std::nullopt) {
    Params params;
    params.add(id).add("hash").add(Uuid::random()).add("agent").add("127.0.0.1");
    params.add(std::int32_t{60}).add_bytes(sha256(Uuid::random().to_string()));
    params.add(std::int32_t{60}).add(std::int32_t{10}).add(factor).add(version);
    params.add(false).add("");
    auto own = Database::connect("user");
    return !rows_of(own.query(q::create_session, params)).empty();
  }
};

TEST(Factors, AnEnrolmentCountsOnceItIsConfirmed) {
  Person person;
  ASSERT_TRUE(person.begin());
  EXPECT_FALSE(person.use(kStep + 5)) << "not confirmed";
  EXPECT_TRUE(person.sign_in(std::nullopt));
  EXPECT_TRUE(person.begin()) << "begun anew";
  EXPECT_TRUE(person.confirm());
  EXPECT_FALSE(person.confirm(kStep + 1)) << "once";
  EXPECT_FALSE(person.begin()) << "what is confirmed is not replaced";
  EXPECT_FALSE(person.sign_in(std::nullopt)) << "the password alone opens nothing any more";
  EXPECT_TRUE(person.sign_in("totp"));
}

TEST(Factors, AStepIsUsedOnceAndNoneBeforeIt) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm(kStep));
  EXPECT_FALSE(person.use(kStep)) << "it confirmed the enrolment";
  EXPECT_TRUE(person.use(kStep + 2));
  for (const std::int64_t step : {kStep + 2, kStep + 1, kStep, kStep - 1})
    EXPECT_FALSE(person.use(step)) << step - kStep;
  EXPECT_TRUE(person.use(kStep + 3));
}

TEST(Factors, OfManyAtOnceOneUsesTheStep) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm());
  std::atomic<int> used = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        auto db = Database::connect("user");
        const auto rows = rows_of(
            db.query(q::use_totp, Params().add(person.id).add(person.enrolment).add(kStep + 1)));
        used += rows.size();
      });
  }
  EXPECT_EQ(used, 1);
}

TEST(Factors, TheDatabaseTakesNoStepBackWhoeverAsks) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm());
  auto owner = Database::connect();
  for (const auto& [name, text] :
       {std::pair{"test/back", "UPDATE totp_factors SET last_step = 0 WHERE user_id = $1::uuid"},
        std::pair{"test/short", "UPDATE totp_factors SET sealed_secret = 'x' WHERE user_id = $1"},
        std::pair{"test/id", "UPDATE totp_factors SET key_id = 'x' WHERE user_id = $1::uuid"}})
    EXPECT_FALSE(owner.query({name, text}, Params().add(person.id))) << name;
}

TEST(Factors, ARecoveryCodeIsGoodOnce) {
  Person person;
  person.begin();
  const auto codes = user::make_recovery_codes(person.id);
  ASSERT_EQ(codes.hashes.size(), 10U);
  ASSERT_TRUE(person.confirm(kStep, codes));
  const auto use = [&](const Uuid& whose, const Hash256& hash) {
    return rows_of(person.db.query(q::use_recovery_code, Params().add(whose).add_bytes(hash)))
        .size();
  };
  EXPECT_EQ(use(Person().id, codes.hashes[0]), 0) << "somebody else's";
  EXPECT_EQ(use(person.id, codes.hashes[0]), 1);
  EXPECT_EQ(use(person.id, codes.hashes[0]), 0);
  EXPECT_EQ(use(person.id, codes.hashes[1]), 1);
  EXPECT_EQ(rows_of(person.db.query(q::find_factors, Params().add(person.id))).int64(0, 1), 8);
  auto owner = Database::connect();
  EXPECT_FALSE(owner.query({"test/unuse",
                            "UPDATE recovery_codes SET used_at = NULL "
                            "WHERE user_id = $1::uuid AND used_at IS NOT NULL"},
                           Params().add(person.id)));

  const auto next = user::make_recovery_codes(person.id);
  Params params;
  params.add(person.id);
  user::add_hashes(params, next);
  EXPECT_EQ(rows_of(person.db.query(q::replace_recovery_codes, params)).size(), 1);
  EXPECT_EQ(use(person.id, codes.hashes[2]), 0) << "those of before are good for nothing";
  EXPECT_EQ(use(person.id, next.hashes[0]), 1);
}

TEST(Factors, GuessesAreSlowedDownTwiceAsLongEachTime) {
  Person person;
  EXPECT_THROW(person.attempt(), std::out_of_range) << "there is nothing to guess";
  person.begin();
  ASSERT_TRUE(person.confirm());
  for (int i = 0; i < user::kFactorFailuresFree; ++i) EXPECT_EQ(person.attempt(), 0) << i;
  std::int64_t expected_s = user::kFactorWaitMin_s;
  for (int i = 0; i < 12; ++i) {
    const std::int64_t wait_s = person.attempt();
    EXPECT_GT(wait_s, expected_s / 2) << i;
    EXPECT_LE(wait_s, expected_s) << i;
    EXPECT_GT(person.attempt(), 0) << "what is refused is not counted";
    person.let_time_pass();
    EXPECT_EQ(person.attempt(), 0) << i;
    expected_s = std::min<std::int64_t>(2 * expected_s, user::kFactorWaitMax_s);
  }
}

TEST(Factors, ARightCodeForgivesTheFailures) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm());
  for (int i = 0; i < user::kFactorFailuresFree; ++i) person.attempt();
  EXPECT_GT(person.attempt(), 0);
  EXPECT_TRUE(person.use(kStep + 1)) << "the last of those that were let through";
  EXPECT_EQ(person.attempt(), 0);
}

TEST(Factors, ManyGuessesAtOnceDoNotSlipThrough) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm());
  person.attempt();
  std::atomic<int> begun = 1;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i)
      threads.emplace_back([&] {
        auto db = Database::connect("user");
        const auto rows =
            rows_of(db.query(q::begin_factor_attempt, Params()
                                                          .add(person.id)
                                                          .add(user::kFactorFailuresFree)
                                                          .add(user::kFactorWaitMin_s)
                                                          .add(user::kFactorWaitMax_s)));
        begun += rows.boolean(0, 0) ? 1 : 0;
      });
  }
  EXPECT_EQ(begun, user::kFactorFailuresFree);
}

TEST(Factors, ALoginThatCrossesAnEnrolmentLeavesNoSession) {
  Person person;
  person.begin();
  auto confirming = Database::connect("user");
  ASSERT_TRUE(confirming.exec("BEGIN"));
  Params params;
  params.add(person.id).add(person.enrolment).add(kStep).add(Uuid::random());
  user::add_hashes(params, {});
  params.add(false);
  ASSERT_EQ(rows_of(confirming.query(q::confirm_totp, params)).size(), 1);
  std::jthread login([&] {
    EXPECT_FALSE(person.sign_in(std::nullopt)) << "it sees the factor that it waited for";
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(confirming.exec("COMMIT"));
}

TEST(Factors, ALoginByACodeThatCrossesARemovalLeavesNoSession) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm());
  const std::int64_t version = person.begin_attempt().int64(0, 5);
  EXPECT_TRUE(person.sign_in("totp", version));
  ASSERT_TRUE(person.use(kStep + 1));
  auto removing = Database::connect("user");
  ASSERT_TRUE(removing.exec("BEGIN"));
  ASSERT_EQ(rows_of(removing.query(q::remove_factors, Params().add(person.id).add(false))).size(),
            1);
  std::jthread login([&] {
    EXPECT_FALSE(person.sign_in("totp", version)) << "it would be proven by what is gone";
  });
  auto owner = Database::connect();
  testing::await_lock_wait(owner);
  ASSERT_TRUE(removing.exec("COMMIT"));
}

TEST(Factors, RemovalLeavesNothingBehind) {
  Person person;
  person.begin();
  ASSERT_TRUE(person.confirm(kStep, user::make_recovery_codes(person.id)));
  person.attempt();
  EXPECT_EQ(rows_of(person.db.query(q::remove_factors, Params().add(person.id).add(false))).size(),
            1);
  EXPECT_TRUE(
      rows_of(person.db.query(q::remove_factors, Params().add(person.id).add(false))).empty());
  const auto left = sql(person.db, "test/left",
                        "SELECT (SELECT count(*) FROM totp_factors WHERE user_id = $1::uuid)"
                        "     + (SELECT count(*) FROM recovery_codes WHERE user_id = $1::uuid)"
                        "     + (SELECT count(*) FROM factor_attempts WHERE user_id = $1::uuid)",
                        Params().add(person.id));
  EXPECT_EQ(left.int64(0, 0), 0);
  EXPECT_TRUE(person.sign_in(std::nullopt));
  EXPECT_TRUE(person.begin());
}

TEST(Factors, ASecretIsSealedAnewByTheFirstKey) {
  const std::string old_text = auth::SecretKeys::generate(), text = auth::SecretKeys::generate();
  const auto before = auth::SecretKeys::parse(old_text).value();
  const auto both = auth::SecretKeys::parse(text + " " + old_text).value();
  const auto after = auth::SecretKeys::parse(text).value();
  Person person, unconfirmed;
  person.begin(before);
  ASSERT_TRUE(person.confirm());
  unconfirmed.begin(before);
  sql(person.db, "test/age",
      "UPDATE totp_factors SET created_at = now() - interval '2 hours' WHERE user_id = $1::uuid",
      Params().add(unconfirmed.id));
  EXPECT_TRUE(user::keep_up_factors(person.db, both));
  const auto rows = sql(person.db, "test/sealed",
                        "SELECT key_id, sealed_secret FROM totp_factors WHERE user_id = $1::uuid",
                        Params().add(person.id));
  EXPECT_EQ(after.open(user::read_sealed(rows, 0, 0), user::totp_owner(person.id)), kSecret);
  EXPECT_TRUE(person.use(kStep + 1)) << "it is the same factor";
  EXPECT_EQ(user::keep_up_factors(person.db, both).value(), 0);
  EXPECT_FALSE(unconfirmed.confirm()) << "an enrolment that nobody confirmed is forgotten";
}

TEST(Factors, OtherServicesSeeNoneOfIt) {
  for (const char* role : {"transaction", "reporting"}) {
    auto db = Database::connect(role);
    for (const auto& [name, text] :
         {std::pair{"test/totp", "SELECT user_id FROM totp_factors"},
          std::pair{"test/codes", "SELECT user_id FROM recovery_codes"},
          std::pair{"test/passkeys", "SELECT name FROM passkeys"},
          std::pair{"test/challenges", "SELECT expires_at FROM spent_challenges"},
          std::pair{"test/attempts", "SELECT user_id FROM factor_attempts"},
          std::pair{"test/since", "SELECT factor_since FROM users"}}) {
      const auto rows = db.query({name, text});
      ASSERT_FALSE(rows) << role << ' ' << name;
      EXPECT_TRUE(rows.error().is("42501"));
    }
  }
}

}  // namespace
}  // namespace instapay
