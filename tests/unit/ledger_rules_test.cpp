#include <gtest/gtest.h>

#include "core/money.h"
#include "core/time.h"
#include "ledger/rules.h"

namespace instapay::ledger {
namespace {

using enum AccountStatus;
using enum TransferKind;

constexpr Uuid kPayer = Uuid::reserved(10), kPayee = Uuid::reserved(11);
constexpr std::int64_t kNow_us = 20'000 * kDay_us + 12 * 3600 * kSecond_us;

struct Case {
  const char* name;
  Account payer = {}, payee = {};
  Order order = {};
  Limits limits = {};
  std::optional<Code> refused = {};
  std::int64_t available = 0, limit = 0;
};

Account account(std::int64_t balance, AccountStatus status = active) {
  return {.status = status, .balance_minor = balance};
}
Order order(std::int64_t amount, TransferKind kind = transfer) {
  return {.amount_minor = amount, .kind = kind};
}
Account limited(std::int64_t balance, std::optional<std::int64_t> one,
                std::optional<std::int64_t> day, std::int64_t sent_today,
                std::int32_t sent_day = 20'000) {
  return {.balance_minor = balance,
          .sent_day = sent_day,
          .sent_today_minor = sent_today,
          .transfer_limit_minor = one,
          .daily_limit_minor = day};
}

TEST(Check, Table) {
  constexpr std::int64_t kMax = kAmountMax_minor;
  const Account system{.kind = AccountKind::system};
  const Account system_low{.kind = AccountKind::system, .balance_minor = -kMax};
  const auto cases = std::to_array<Case>({
      {"enough", account(100), account(0), order(100)},
      {"one too few", account(99), account(0), order(100), {}, Code::insufficient_funds, 99},
      {"nothing there", account(0), account(0), order(1), {}, Code::insufficient_funds, 0},
      {"frozen payer", account(9, frozen), account(0), order(1), {}, Code::sender_frozen},
      {"closed payer", account(9, closed), account(0), order(1), {}, Code::account_closed},
      {"frozen payee", account(9), account(0, frozen), order(1), {}, Code::receiver_unavailable},
      {"closed payee", account(9), account(0, closed), order(1), {}, Code::receiver_unavailable},
      {"frozen before poor", account(0, frozen), account(0), order(1), {}, Code::sender_frozen},
      {"refund from frozen",
       account(9, frozen),
       account(0),
       order(1, refund),
       {},
       Code::sender_frozen},
      {"operator takes from frozen", account(9, frozen), system, order(1, adjustment)},
      {"operator gives to frozen", system, account(0, frozen), order(1, adjustment)},
      {"operator takes from closed",
       account(9, closed),
       system,
       order(1, adjustment),
       {},
       Code::account_closed},
      {"operator gives to closed",
       system,
       account(0, closed),
       order(1, adjustment),
       {},
       Code::receiver_unavailable},
      {"operator cannot overdraw",
       account(9),
       system,
       order(10, adjustment),
       {},
       Code::insufficient_funds,
       9},
      {"system goes below zero", system, account(0), order(100, opening)},
      {"limit of one",
       account(500),
       account(0),
       order(101),
       {100, 0},
       Code::transfer_limit_exceeded,
       100,
       100},
      {"at the limit of one", account(500), account(0), order(100), {100, 0}},
      {"own limit wins", limited(500, 300, {}, 0), account(0), order(200), {100, 0}},
      {"own limit is lower",
       limited(500, 50, {}, 0),
       account(0),
       order(51),
       {100, 0},
       Code::transfer_limit_exceeded,
       50,
       50},
      {"own limit of nothing",
       limited(500, 0, {}, 0),
       account(0),
       order(1),
       {},
       Code::transfer_limit_exceeded},
      {"limit of the day",
       limited(500, {}, {}, 60),
       account(0),
       order(41),
       {0, 100},
       Code::daily_limit_exceeded,
       40,
       100},
      {"rest of the day", limited(500, {}, {}, 60), account(0), order(40), {0, 100}},
      {"yesterday's do not count",
       limited(500, {}, {}, 100, 19'999),
       account(0),
       order(100),
       {0, 100}},
      {"own day", limited(500, {}, 200, 60), account(0), order(140), {0, 100}},
      {"own day of nothing",
       limited(500, {}, 0, 0),
       account(0),
       order(1),
       {0, 100},
       Code::daily_limit_exceeded},
      {"day lowered below what was sent",
       limited(500, {}, 50, 60),
       account(0),
       order(1),
       {},
       Code::daily_limit_exceeded,
       0,
       50},
      {"limits before funds",
       limited(0, 5, {}, 0),
       account(0),
       order(6),
       {},
       Code::transfer_limit_exceeded,
       5,
       5},
      {"limits are for transfers", limited(500, 0, 0, 0), account(0), order(9, refund)},
      {"no limits for grants", system, account(0), order(200, opening), {100, 100}},
      {"payee full",
       account(9),
       account(kMax - 4),
       order(5),
       {},
       Code::balance_limit_exceeded,
       4,
       kMax},
      {"payee just full", account(9), account(kMax - 5), order(5)},
      {"system at its end",
       system_low,
       account(0),
       order(1, opening),
       {},
       Code::balance_limit_exceeded,
       kMax,
       kMax},
      {"largest amount", account(kMax), account(0), order(kMax)},
  });
  for (Case c : cases) {
    c.payer.id = c.order.payer = kPayer;
    c.payee.id = c.order.payee = kPayee;
    const auto refusal = check(c.payer, c.payee, c.order, c.limits, kNow_us);
    EXPECT_EQ(refusal ? std::optional(refusal->code) : std::nullopt, c.refused) << c.name;
    if (refusal) {
      EXPECT_EQ(refusal->available_minor, c.available) << c.name;
      EXPECT_EQ(refusal->limit_minor, c.limit) << c.name;
    }
  }
}

TEST(Check, SelfTransferComesFirst) {
  Account one = account(0, frozen);
  one.id = kPayer;
  const Order to_self{.payer = kPayer, .payee = kPayer, .amount_minor = 5};
  EXPECT_EQ(check(one, one, to_self, {}, kNow_us)->code, Code::self_transfer);
}

TEST(Apply, MovesExactlyTheAmount) {
  Account payer{.id = kPayer, .balance_minor = 100, .version = 7};
  Account payee{.id = kPayee, .balance_minor = 5, .version = 9};
  const Order o{.payer = kPayer,
                .payee = kPayee,
                .amount_minor = 30,
                .note = "tea",
                .key = Hash128{1},
                .request_hash = Hash128{2}};
  const Transfer t = apply(payer, payee, o, kNow_us);
  EXPECT_EQ(payer.balance_minor, 70);
  EXPECT_EQ(payee.balance_minor, 35);
  EXPECT_EQ(payer.sent_today_minor, 30);
  EXPECT_EQ(payer.sent_day, 20'000);
  EXPECT_EQ(payee.sent_today_minor, 0);
  EXPECT_EQ(payer.version, 7) << "the write counts versions";
  EXPECT_EQ(t.payer_balance_minor, 70);
  EXPECT_EQ(t.payee_balance_minor, 35);
  EXPECT_EQ(t.created_us, kNow_us);
  EXPECT_EQ(t.id.unix_ms(), kNow_us / 1000);
  EXPECT_EQ(t.note, "tea");
  EXPECT_EQ(t.key, o.key);
  EXPECT_EQ(t.request_hash, o.request_hash);
  EXPECT_FALSE(t.replayed);
}

TEST(Apply, TimeOfAnAccountNeverStandsStill) {
  Account payer{.id = kPayer, .balance_minor = 100};
  Account payee{.id = kPayee};
  const Order o{.payer = kPayer, .payee = kPayee, .amount_minor = 1};
  // The clock stands, jumps back, jumps ahead, jumps back.
  std::int64_t last = 0;
  for (const std::int64_t now : {kNow_us, kNow_us, kNow_us - kDay_us, kNow_us + kDay_us, kNow_us}) {
    const Transfer t = apply(payer, payee, o, now);
    EXPECT_GT(t.created_us, last);
    last = t.created_us;
    EXPECT_EQ(payer.last_entry_us, last);
    EXPECT_EQ(payee.last_entry_us, last);
  }
  EXPECT_EQ(last, kNow_us + kDay_us + 1);
  // The day follows the entry's time, not the clock's.
  EXPECT_EQ(payer.sent_day, 20'001);
  EXPECT_EQ(payer.sent_today_minor, 2);
}

TEST(Apply, OnlyPeoplesPaymentsCountForTheDay) {
  for (const TransferKind kind : {refund, opening, adjustment}) {
    Account payer{.id = kPayer, .balance_minor = 100};
    Account payee{.id = kPayee};
    apply(payer, payee, {.payer = kPayer, .payee = kPayee, .amount_minor = 1, .kind = kind},
          kNow_us);
    EXPECT_EQ(payer.sent_today_minor, 0);
    EXPECT_EQ(payer.sent_day, 0);
  }
}

TEST(Names, OfKindsAndStates) {
  EXPECT_EQ(name_of(transfer), "transfer");
  EXPECT_EQ(name_of(refund), "refund");
  EXPECT_EQ(name_of(opening), "opening");
  EXPECT_EQ(name_of(adjustment), "adjustment");
  EXPECT_EQ(name_of(active), "active");
  EXPECT_EQ(name_of(frozen), "frozen");
  EXPECT_EQ(name_of(closed), "closed");
}

}  // namespace
}  // namespace instapay::ledger
