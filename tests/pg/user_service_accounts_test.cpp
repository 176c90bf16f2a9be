// Service accounts in the database: what never changes, how many there are, and what one may order.
#include <deque>
#include <thread>

#include "core/limits.h"
#include "core/sha256.h"
#include "core/time.h"
#include "pg/users.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;
using testing::sql;
namespace q = queries::user;
namespace qt = queries::transaction;

constexpr std::string_view kPayments = "payments:write", kReads = "payments:read",
                           kReports = "reports:read";

struct Wallet {
  pg::Connection db = Database::connect("user");
  pg::Connection payments = Database::connect("transaction");
  pg::Connection owner = Database::connect();
  Uuid id = testing::make_user(db, testing::unique_name("machine"));

  struct Made {
    Uuid account = Uuid::v7(now_us()), credential = Uuid::random();
  };
  pg::Result<pg::TypedRows<q::CreateServiceAccountRow>> create(
      const Made& made, std::vector<std::string_view> scopes = {kPayments},
      std::optional<std::int64_t> per_request = 100, std::optional<std::int64_t> per_day = 250,
      bool proven = false, std::optional<std::int64_t> expires_us = std::nullopt) {
    Params params;
    params.add(made.account).add(id).add(id).add("Shop").add_array(scopes);
    params.add(per_request).add(per_day).add(proven).add_optional_time(expires_us);
    params.add(made.credential).add_bytes(sha256(made.credential.to_string())).add_null();
    return db.query(q::create_service_account, params);
  }
  Made made(bool proven = false) {
    Made one;
    rows_of(create(one, {kPayments}, 100, 250, proven));
    return one;
  }
  struct Taken {
    std::string verdict, day;
    std::int64_t remaining = 0;
    bool asks_new_payees = false;
  };
  static Taken take(pg::Connection& by, const Uuid& account, std::int64_t minor) {
    const auto rows =
        rows_of(by.query(qt::take_service_allowance, Params().add(account).add(minor)));
    const auto row = rows.front();
    return {std::string(row.verdict), std::string(row.day), row.remaining.value_or(-1),
            row.asks_new_payees};
  }
  Taken take(const Uuid& account, std::int64_t minor) { return take(payments, account, minor); }
  void give_back(const Uuid& account, const std::string& day, std::int64_t minor) {
    rows_of(
        payments.query(qt::return_service_allowance, Params().add(account).add(day).add(minor)));
  }
  std::optional<q::UseServiceCredentialRow> use(const Made& made,
                                                std::optional<Hash256> assertion = std::nullopt) {
    Params params;
    params.add(made.account).add(made.credential);
    if (assertion) {
      params.add_bytes(*assertion).add_time(now_us() + kSecond_us);
    } else {
      params.add_null().add_null();
    }
    const auto rows = rows_of(db.query(q::use_service_credential, params));
    return rows.empty() ? std::nullopt : std::optional(rows.front());
  }
  pg::Result<pg::TypedRows<q::AddServiceCredentialRow>> add(const Uuid& account) {
    Params params;
    params.add(account).add(id).add(Uuid::random());
    params.add_bytes(sha256(Uuid::random().to_string())).add_null();
    return db.query(q::add_service_credential, params);
  }
  pg::Result<pg::TypedRows<q::RevokeServiceAccountRow>> revoke(const Uuid& account) {
    return db.query(q::revoke_service_account, Params().add(account).add(id));
  }
  bool revoked(const Uuid& account) {
    return sql(owner, "test/revoked",
               "SELECT revoked_at IS NOT NULL FROM service_accounts WHERE id = $1::uuid",
               Params().add(account))
        .boolean(0, 0);
  }
  std::string state_of(std::string_view text, const Params& params) {
    // Names are kept as views, as long as the connection.
    static std::deque<std::string> names;
    names.push_back("test/machine" + std::to_string(names.size()));
    const auto done = owner.query({names.back(), text}, params);
    return done ? "" : done.error().sqlstate;
  }
  // By hand: no entry tells of it, so what guards a freeze is passed by where one is lifted.
  void set_status(int status) {
    const bool lifts = status == 0;
    if (lifts) EXPECT_TRUE(owner.exec("SET session_replication_role = replica"));
    sql(owner, "test/status",
        "UPDATE accounts SET status = $2::smallint WHERE id = $1::uuid RETURNING 1",
        Params().add(id).add_int16(static_cast<std::int16_t>(status)));
    if (lifts) EXPECT_TRUE(owner.exec("SET session_replication_role = origin"));
  }
};

std::string constraint_of(const auto& result) {
  return result ? std::string() : result.error().constraint;
}

TEST(ServiceAccounts, NeverOrderMoreThanTheyMay) {
  Wallet wallet;
  const Uuid account = wallet.made().account;
  EXPECT_EQ(wallet.take(account, 101).verdict, "per_payment");
  const auto first = wallet.take(account, 100);
  EXPECT_EQ(first.verdict, "taken");
  EXPECT_EQ(first.remaining, 150);
  EXPECT_EQ(wallet.take(account, 100).remaining, 50);
  const auto third = wallet.take(account, 51);
  EXPECT_EQ(third.verdict, "per_day");
  EXPECT_EQ(third.remaining, 50);
  wallet.give_back(account, first.day, 100);
  EXPECT_EQ(wallet.take(account, 100).remaining, 50);
  EXPECT_EQ(wallet.take(account, 50).remaining, 0);
  // The database holds it too, whoever writes.
  EXPECT_EQ(wallet.state_of(
                "UPDATE service_account_days SET ordered = ordered + 1 WHERE account_id = $1::uuid",
                Params().add(account)),
            "23514");
  EXPECT_EQ(wallet.take(Uuid::random(), 1).verdict, "ended");
}

TEST(ServiceAccounts, ManyAtOnceTakeNoMoreThanTheDay) {
  Wallet wallet;
  const Uuid account = wallet.made().account;
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        auto db = Database::connect("transaction");
        for (int k = 0; k < 20; ++k)
          if (Wallet::take(db, account, 10).verdict == "taken") ++taken;
      });
  }
  EXPECT_EQ(taken, 25);
}

TEST(ServiceAccounts, TheOwnersRulesHoldWhereLimitsWereSetWithoutAFactor) {
  Wallet wallet;
  const Uuid unproven = wallet.made().account, proven = wallet.made(true).account;
  sql(wallet.owner, "test/rules",
      "UPDATE users SET factor_since = now(), step_up_above = 40, step_up_new_payees = true "
      "WHERE id = $1::uuid RETURNING 1",
      Params().add(wallet.id));
  EXPECT_EQ(wallet.take(unproven, 41).verdict, "step_up");
  const auto small = wallet.take(unproven, 40);
  EXPECT_EQ(small.verdict, "taken");
  EXPECT_TRUE(small.asks_new_payees);
  const auto large = wallet.take(proven, 100);
  EXPECT_EQ(large.verdict, "taken");
  EXPECT_FALSE(large.asks_new_payees);
}

TEST(ServiceAccounts, WhatTheyMayIsOfTheirOwner) {
  Wallet wallet;
  EXPECT_EQ(constraint_of(wallet.create({}, {"actions:read"}, {}, {})), "service_accounts_scopes");
  EXPECT_EQ(constraint_of(wallet.create({}, {"everything"}, {}, {})), "service_accounts_scopes");
  EXPECT_EQ(constraint_of(wallet.create({}, {}, {}, {})), "service_accounts_scopes");
  EXPECT_EQ(constraint_of(wallet.create({}, {kPayments}, {}, {})), "service_accounts_limits");
  EXPECT_EQ(constraint_of(wallet.create({}, {kReads}, 1, 1)), "service_accounts_limits");
  EXPECT_EQ(constraint_of(wallet.create({}, {kPayments}, 2, 1)), "service_accounts_limits");
  EXPECT_EQ(constraint_of(wallet.create({}, {kPayments}, 0, 1)), "service_accounts_limits");
  EXPECT_EQ(constraint_of(wallet.create({}, {kReads}, {}, {}, false, now_us() - kSecond_us)),
            "service_accounts_expiry");
  EXPECT_TRUE(wallet.create({}, {kReads, kReports}, {}, {}));
  wallet.set_status(1);
  EXPECT_EQ(constraint_of(wallet.create({})), "changed_meanwhile");
}

TEST(ServiceAccounts, AreSoManyAtOnce) {
  Wallet wallet;
  for (int i = 0; i < kServiceAccountsMax; ++i) wallet.made();
  EXPECT_EQ(constraint_of(wallet.create({})), "service_accounts_limit");
  const auto listed = rows_of(wallet.db.query(q::list_service_accounts, Params().add(wallet.id)));
  ASSERT_EQ(listed.size(), kServiceAccountsMax);
  ASSERT_TRUE(wallet.revoke(listed.front().id));
  EXPECT_TRUE(wallet.create({}));
}

TEST(ServiceAccounts, HaveTwoCredentialsAtMost) {
  Wallet wallet;
  const auto made = wallet.made();
  EXPECT_TRUE(wallet.add(made.account));
  EXPECT_EQ(constraint_of(wallet.add(made.account)), "service_credentials_limit");
  Params params;
  params.add(made.account).add(wallet.id).add(made.credential);
  rows_of(wallet.db.query(q::remove_service_credential, params));
  EXPECT_EQ(constraint_of(wallet.db.query(q::remove_service_credential, params)),
            "changed_meanwhile");
  EXPECT_FALSE(wallet.use(made)) << "what is removed gets no token";
  EXPECT_TRUE(wallet.add(made.account));
  ASSERT_TRUE(wallet.revoke(made.account));
  EXPECT_EQ(constraint_of(wallet.add(made.account)), "changed_meanwhile");
}

TEST(ServiceAccounts, StayWhatTheyWereMadeAs) {
  Wallet wallet;
  const auto made = wallet.made();
  const Params one = std::move(Params().add(made.account));
  for (const char* change :
       {"scopes = ARRAY['reports:read'], payment_limit = NULL, daily_limit = NULL",
        "payment_limit = 101", "daily_limit = 1000", "limits_proven = true",
        "wallet_id = gen_random_uuid()", "expires_at = now() + interval '1 day'"})
    EXPECT_EQ(
        wallet.state_of(
            "UPDATE service_accounts SET " + std::string(change) + " WHERE id = $1::uuid", one),
        "IP002")
        << change;
  ASSERT_TRUE(wallet.revoke(made.account));
  EXPECT_EQ(
      wallet.state_of("UPDATE service_accounts SET revoked_at = NULL WHERE id = $1::uuid", one),
      "IP002");
  EXPECT_EQ(
      wallet.state_of(
          "UPDATE service_credentials SET secret_hash = sha256('') WHERE account_id = $1::uuid",
          one),
      "IP002");
}

TEST(ServiceAccounts, ATokenIsForWhoActsNow) {
  Wallet wallet;
  const auto made = wallet.made();
  EXPECT_FALSE(wallet.use(made).value().left_s);
  const Hash256 assertion = sha256(made.account.to_string());
  EXPECT_TRUE(wallet.use(made, assertion).value().was_first);
  EXPECT_FALSE(wallet.use(made, assertion).value().was_first) << "an assertion is used once";
  wallet.set_status(1);
  EXPECT_FALSE(wallet.use(made)) << "a frozen wallet's programs are halted";
  wallet.set_status(0);
  EXPECT_TRUE(wallet.use(made));
  Wallet::Made brief;
  rows_of(wallet.create(brief, {kReads}, {}, {}, false, now_us() + 90 * kSecond_us));
  EXPECT_LE(*wallet.use(brief).value().left_s, 90);
}

TEST(ServiceAccounts, OfAClosedWalletAreEnded) {
  Wallet wallet;
  const auto made = wallet.made();
  EXPECT_FALSE(wallet.revoked(made.account));
  wallet.set_status(2);
  EXPECT_TRUE(wallet.revoked(made.account));
  EXPECT_EQ(wallet.take(made.account, 1).verdict, "ended");
  bool told = false;
  for (const auto& row :
       rows_of(Database::connect("reporting")
                   .query(queries::auth::recent_revocations, Params().add(std::int32_t{60}))))
    told = told || row.id == made.account;
  EXPECT_TRUE(told);
}

TEST(ServiceAccounts, ErasureLeavesAnIdAlone) {
  Wallet wallet;
  const auto made = wallet.made();
  wallet.take(made.account, 10);
  wallet.set_status(2);
  const auto erased =
      rows_of(wallet.db.query(q::erase_user, Params().add(wallet.id).add_null().add_null()));
  EXPECT_EQ(erased.front().service_accounts, 1);
  const auto left =
      sql(wallet.owner, "test/left",
          "SELECT name, (SELECT count(*) FROM service_credentials WHERE account_id = $1::uuid) "
          "FROM service_accounts WHERE id = $1::uuid",
          Params().add(made.account));
  EXPECT_EQ(left.text(0, 0), "Erased");
  EXPECT_EQ(left.int64(0, 1), 0);
}

TEST(ServiceAccounts, EachServiceKnowsWhatItNeeds) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"transaction", "SELECT secret_hash FROM service_credentials", "42501"},
      {"reporting", "SELECT secret_hash FROM service_credentials", "42501"},
      {"transaction", "UPDATE service_accounts SET revoked_at = NULL", "42501"},
      {"transaction",
       "INSERT INTO service_account_days VALUES (gen_random_uuid(), '2026-01-01', 0, 1)", "42501"},
      {"reporting", "SELECT take_service_allowance(gen_random_uuid(), 1)", "42501"},
      {"user", "SELECT take_service_allowance(gen_random_uuid(), 1)", "42501"},
      {"user", "UPDATE service_accounts SET scopes = '{}'", "42501"},
      {"user", "DELETE FROM service_accounts", "42501"},
      {"reporting", "SELECT id, name, revoked_at FROM service_accounts", ""},
  };
  for (const auto& [role, text, state] : kCases) {
    auto db = Database::connect(role);
    const auto done = db.query({"test/machine_rights", text}, Params());
    EXPECT_EQ(done ? "" : done.error().sqlstate, state) << role << ": " << text;
  }
}

}  // namespace
}  // namespace instapay
