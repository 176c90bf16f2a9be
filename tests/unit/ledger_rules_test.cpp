#include "ledger/domain/rules.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "core/money.h"
#include "core/time.h"

#include "ledger/domain/hold.h"

namespace instapay::ledger {
namespace {

using enum AccountStatus;
using enum EntryKind;

constexpr AccountId kPayer{Uuid::reserved(10)}, kPayee{Uuid::reserved(11)};
constexpr Day kToday{20'000};
constexpr Time kNow{20'000 * kDay_us + 12 * 3600 * kSecond_us};
constexpr Time at(std::int64_t after_us) { return {kNow.us + after_us}; }

struct Case {
  const char* name;
  Account payer = {}, payee = {};
  Order order = {};
  Limits limits = {};
  std::optional<Code> refused = {};
  std::int64_t available = 0, limit = 0;
};

Account account(std::int64_t balance, AccountStatus status = active, std::int64_t held = 0) {
  return {.status = status, .balance = {balance}, .held = {held}};
}
Order order(std::int64_t amount, EntryKind kind = transfer) {
  Order order{.amount = {amount}, .kind = kind};
  if (kind == hold) order.expires = Time{kNow.us + kDay_us};
  return order;
}
Limits limits_of(std::int64_t per_transfer, std::int64_t per_day) {
  return {{per_transfer}, {per_day}};
}
std::optional<Amount> amount_of(std::optional<std::int64_t> minor) {
  return minor ? std::optional(Amount{*minor}) : std::nullopt;
}
Account limited(std::int64_t balance, std::optional<std::int64_t> one,
                std::optional<std::int64_t> day, std::int64_t sent_today,
                std::int32_t sent_day = 20'000) {
  return {.limits = {amount_of(one), amount_of(day)},
          .balance = {balance},
          .sent_day = {sent_day},
          .sent_today = {sent_today}};
}

// By somebody else than the payer: an operator.
Order ordered(Order order) {
  order.actor = Uuid::reserved(77);
  return order;
}

Order closing() {
  Order order = ordered({.kind = EntryKind::control});
  order.control.status = AccountStatus::closed;
  return order;
}

Account sending(std::int64_t sent_today, std::optional<std::int64_t> own_per_day = {}) {
  Account account = limited(100, {}, own_per_day, sent_today);
  account.id = kPayer;
  return account;
}
Account unverified(std::int64_t sent_today, std::optional<std::int64_t> own_per_day = {}) {
  Account account = sending(sent_today, own_per_day);
  account.unverified = true;
  return account;
}

TEST(Check, LimitsWhatAnUnverifiedAccountSends) {
  const Account payee{.id = kPayee};
  Limits limits = limits_of(0, 80);
  limits.unverified_per_day = Amount{30};
  const auto refused = [&](const Account& payer, Order order, const Limits& within) {
    order.payer = kPayer;
    order.payee = kPayee;
    return order.kind == hold ? check(payer, order, within, kNow)
                              : check(payer, payee, order, within, kNow);
  };
  for (const EntryKind kind : {transfer, hold}) {
    const Order small = order(10, kind), large = order(11, kind);
    EXPECT_EQ(refused(unverified(20), small, limits), std::nullopt);
    const auto refusal = refused(unverified(20), large, limits);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code, Code::unverified_limit_exceeded);
    EXPECT_EQ(refusal->available, Amount{10});
    EXPECT_EQ(refusal->limit, Amount{30});
    EXPECT_GT(refusal->resets, kNow);
    EXPECT_EQ(refused(sending(20), large, limits), std::nullopt) << "verified";
    EXPECT_EQ(refused(unverified(20), large, limits_of(0, 80)), std::nullopt) << "no such limit";
    EXPECT_EQ(refused(unverified(20, 25), large, limits)->code, Code::daily_limit_exceeded)
        << "its own limit, which is less";
  }
  EXPECT_EQ(refused(unverified(20), order(40, refund), limits), std::nullopt);
}

TEST(Check, Table) {
  constexpr std::int64_t kMax = kAmountMax_minor;
  const Account system{.kind = AccountKind::system};
  const Account system_low{.kind = AccountKind::system, .balance = -kAmountMax};
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
      {"operator refunds a victim while the receiver is frozen", account(9, frozen), account(0),
       ordered(order(1, refund))},
      {"and while the victim is", account(9), account(0, frozen), ordered(order(1, refund))},
      {"but nothing out of a closed wallet",
       account(9, closed),
       account(0),
       ordered(order(1, refund)),
       {},
       Code::wallet_closed},
      {"nor into one",
       account(9),
       account(0, closed),
       ordered(order(1, refund)),
       {},
       Code::receiver_unavailable},
      {"operator takes from frozen", account(9, frozen), system, order(1, adjustment)},
      {"operator gives to frozen", system, account(0, frozen), order(1, adjustment)},
      {"operator takes from closed",
       account(9, closed),
       system,
       order(1, adjustment),
       {},
       Code::wallet_closed},
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
      {"limit of one", account(500), account(0), order(101), limits_of(100, 0),
       Code::transfer_limit_exceeded, 100, 100},
      {"at the limit of one", account(500), account(0), order(100), limits_of(100, 0)},
      {"own limit wins", limited(500, 300, {}, 0), account(0), order(200), limits_of(100, 0)},
      {"own limit is lower", limited(500, 50, {}, 0), account(0), order(51), limits_of(100, 0),
       Code::transfer_limit_exceeded, 50, 50},
      {"own limit of nothing",
       limited(500, 0, {}, 0),
       account(0),
       order(1),
       {},
       Code::transfer_limit_exceeded},
      {"limit of the day", limited(500, {}, {}, 60), account(0), order(41), limits_of(0, 100),
       Code::daily_limit_exceeded, 40, 100},
      {"rest of the day", limited(500, {}, {}, 60), account(0), order(40), limits_of(0, 100)},
      {"yesterday's do not count", limited(500, {}, {}, 100, 19'999), account(0), order(100),
       limits_of(0, 100)},
      {"own day", limited(500, {}, 200, 60), account(0), order(140), limits_of(0, 100)},
      {"own day of nothing", limited(500, {}, 0, 0), account(0), order(1), limits_of(0, 100),
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
      {"no limits for grants", system, account(0), order(200, opening), limits_of(100, 100)},
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
      {"what is held is not spent",
       account(100, active, 40),
       account(0),
       order(61),
       {},
       Code::insufficient_funds,
       60},
      {"all but what is held", account(100, active, 40), account(0), order(60)},
      {"a capture pays from what is held", account(100, active, 40), account(0),
       order(40, capture)},
      {"and from nothing else",
       account(100, active, 40),
       account(0),
       order(41, capture),
       {},
       Code::insufficient_funds,
       40},
      {"a capture was limited when it was held",
       limited(500, 0, 0, 0),
       account(0),
       order(1, capture),
       {},
       Code::insufficient_funds,
       0},
      {"a capture from frozen",
       account(100, frozen, 40),
       account(0),
       order(1, capture),
       {},
       Code::sender_frozen},
  });
  for (Case c : cases) {
    c.payer.id = c.order.payer = kPayer;
    c.payee.id = c.order.payee = kPayee;
    const auto refusal = check(c.payer, c.payee, c.order, c.limits, kNow);
    EXPECT_EQ(refusal ? std::optional(refusal->code) : std::nullopt, c.refused) << c.name;
    if (refusal) {
      EXPECT_EQ(refusal->available.minor, c.available) << c.name;
      EXPECT_EQ(refusal->limit.minor, c.limit) << c.name;
      const bool of_the_day = refusal->code == Code::daily_limit_exceeded;
      EXPECT_EQ(refusal->resets, of_the_day ? kToday.ends() : Time{}) << c.name;
    }
  }
}

TEST(Check, SelfTransferComesFirst) {
  Account one = account(0, frozen);
  one.id = kPayer;
  const Order to_self{.payer = kPayer, .payee = kPayer, .amount = {5}};
  EXPECT_EQ(check(one, one, to_self, {}, kNow)->code, Code::self_transfer);
}

TEST(Check, OfOneSideTable) {
  struct OneSided {
    const char* name;
    Account account;
    Order order;
    std::optional<Code> refused = {};
    std::int64_t available = 0;
    Limits limits = {};
  };
  const auto until = [](Time expires) {
    Order order{.amount = {1}, .kind = hold};
    order.expires = expires;
    return order;
  };
  const auto cases = std::to_array<OneSided>({
      {"holds what is available", account(100, active, 40), order(60, hold)},
      {"not what is held already", account(100, active, 40), order(61, hold),
       Code::insufficient_funds, 60},
      {"holds nothing of a frozen one", account(9, frozen), order(1, hold), Code::sender_frozen},
      {"holds nothing of a closed one", account(9, closed), order(1, hold), Code::account_closed},
      {"a hold is limited as a payment", limited(500, 8, {}, 0), order(9, hold),
       Code::transfer_limit_exceeded, 8},
      {"and counted to its day", limited(500, {}, 10, 2), order(9, hold),
       Code::daily_limit_exceeded, 8},
      {"by the platform too", account(500), order(9, hold), Code::transfer_limit_exceeded, 8,
       limits_of(8, 0)},
      {"ends later", account(9), until(at(1))},
      {"ends now", account(9), until(kNow), Code::hold_expired},
      {"limits are not for what is given free",
       {.limits = {Amount{0}, Amount{0}}, .balance = {9}, .held = {9}},
       order(9, release)},
      {"releases what is held", account(100, active, 40), order(40, release)},
      {"and no more", account(100, active, 40), order(41, release), Code::insufficient_funds, 40},
      {"releases of a frozen one", account(100, frozen, 40), order(40, release)},
      {"releases nothing of a closed one", account(9, closed, 1), order(1, release),
       Code::account_closed},
      {"controls a closed one", account(9, closed), order(0, control)},
      {"controls a frozen one", account(0, frozen), order(0, control)},
      {"closes an empty one", account(0), closing()},
      {"closes none with money in it", account(1), closing(), Code::balance_not_zero, 1},
      {"closes none with money held", account(9, active, 9), closing(), Code::balance_not_zero, 9},
      {"closes no frozen one either", account(9, frozen), closing(), Code::balance_not_zero, 9},
      {"what is closed already stays so", account(9, closed), closing()},
  });
  for (OneSided c : cases) {
    c.account.id = c.order.payer = kPayer;
    const auto refusal = check(c.account, c.order, c.limits, kNow);
    EXPECT_EQ(refusal ? std::optional(refusal->code) : std::nullopt, c.refused) << c.name;
    if (refusal) {
      EXPECT_EQ(refusal->available.minor, c.available) << c.name;
    }
  }
}

TEST(Apply, MovesExactlyTheAmount) {
  Account payer{.id = kPayer, .seq = {7}, .balance = {100}, .held = {10}};
  Account payee{.id = kPayee, .seq = {9}, .balance = {5}};
  const Order o{.payer = kPayer,
                .payee = kPayee,
                .amount = {30},
                .note = "tea",
                .reference = Uuid::reserved(50),
                .actor = Uuid::reserved(51)};
  const Transfer t = apply(payer, payee, o, kNow);
  EXPECT_EQ(payer.balance, Amount{70});
  EXPECT_EQ(payer.held, Amount{10});
  EXPECT_EQ(payee.balance, Amount{35});
  EXPECT_EQ(payer.sent_today, Amount{30});
  EXPECT_EQ(payer.sent_day, kToday);
  EXPECT_EQ(payee.sent_today, Amount{0});
  EXPECT_EQ(payer.seq, Seq{8});
  EXPECT_EQ(payee.seq, Seq{10});
  EXPECT_EQ(t.payer_side, (Side{{8}, {70}, {10}, {}, {30}}));
  EXPECT_EQ(t.payee_side, (Side{{10}, {35}, {}, {}, {}}));
  EXPECT_EQ(t.created, kNow);
  EXPECT_EQ(t.id.unix_ms(), kNow.us / 1000);
  EXPECT_EQ(t.note, "tea");
  EXPECT_EQ(t.reference, o.reference);
  EXPECT_EQ(t.actor, o.actor);
  EXPECT_FALSE(t.key);
  EXPECT_FALSE(t.replayed);
}

TEST(Apply, OfHoldReleaseAndCapture) {
  Account payer{.id = kPayer, .balance = {100}};
  Account payee{.id = kPayee};
  const auto o = [](std::int64_t amount, EntryKind kind) {
    Order of = order(amount, kind);
    of.payer = kPayer;
    of.payee = kPayee;
    return of;
  };
  Transfer t = apply(payer, o(50, hold), kNow);
  EXPECT_EQ(t.amount, Amount{0}) << "it moves nothing";
  EXPECT_EQ(t.change, terms_of_hold(at(kDay_us)));
  EXPECT_EQ(end_of_hold(t.change), at(kDay_us));
  EXPECT_EQ(t.payer_side, (Side{{1}, {100}, {50}, {50}, {50}})) << "it counts for the day";
  EXPECT_EQ(t.payee_side, Side{});
  EXPECT_EQ(payer.available(), Amount{50});
  t = apply(payer, o(10, release), kNow);
  EXPECT_EQ(t.payer_side, (Side{{2}, {100}, {40}, {-10}, {50}}));
  t = apply(payer, payee, o(30, capture), kNow);
  EXPECT_EQ(t.amount, Amount{30});
  EXPECT_EQ(t.payer_side, (Side{{3}, {70}, {10}, {-30}, {50}}));
  EXPECT_EQ(t.payee_side, (Side{{1}, {30}, {}, {}, {}}));
  EXPECT_EQ(payer.available(), Amount{60});
  Order last = o(3, capture);
  last.freed = {10};
  t = apply(payer, payee, last, kNow);
  EXPECT_EQ(t.payer_side, (Side{{4}, {67}, {}, {-10}, {50}})) << "the last one frees the rest";
}

Order control_of(const Uuid& actor, Control control) {
  return {
      .payer = kPayer, .kind = EntryKind::control, .actor = actor, .control = std::move(control)};
}

Transfer control_entry(Account& account, Control control) {
  return apply(account, control_of(Uuid::reserved(9), std::move(control)), kNow);
}

TEST(Apply, OfAControlSaysWhatWasAndWhatIs) {
  Account account{
      .id = kPayer, .limits = {Amount{5}, std::nullopt}, .seq = {3}, .balance = {100}, .held = {1}};
  const Transfer t =
      control_entry(account, {.status = frozen,
                              .limits = OwnLimits{std::nullopt, Amount{0}},
                              .change = R"("role":{"before":"user","after":"auditor"})"});
  EXPECT_EQ(account.status, frozen);
  EXPECT_EQ(account.limits, (OwnLimits{std::nullopt, Amount{0}}));
  EXPECT_EQ(t.payee.uuid, Uuid::reserved(9)) << "who did it";
  EXPECT_EQ(t.amount, Amount{0});
  EXPECT_EQ(t.payer_side, (Side{{4}, {100}, {1}, {}, {}}));
  EXPECT_EQ(t.change, R"({"status":{"before":"active","after":"frozen"},)"
                      R"("limits":{"before":{"perTransfer":5,"perDay":null},)"
                      R"("after":{"perTransfer":null,"perDay":0}},)"
                      R"("role":{"before":"user","after":"auditor"}})");
  EXPECT_TRUE(parse_json(t.change));
  EXPECT_EQ(control_entry(account, {.status = frozen, .limits = OwnLimits{}}).change,
            R"({"limits":{"before":{"perTransfer":null,"perDay":0},)"
            R"("after":{"perTransfer":null,"perDay":null}}})")
      << "what stays is not named";
}

TEST(ChangesAnything, OnlyWhatIsOtherwise) {
  const Account account{.id = kPayer, .limits = {Amount{5}, std::nullopt}};
  const auto changes = [&](Control control) {
    return changes_anything(account, control_of(Uuid::reserved(9), std::move(control)));
  };
  EXPECT_FALSE(changes({}));
  EXPECT_FALSE(changes({.status = active, .limits = account.limits}));
  EXPECT_TRUE(changes({.status = frozen}));
  EXPECT_TRUE(changes({.limits = OwnLimits{}}));
  EXPECT_TRUE(changes({.change = R"("role":{})"}));
}

TEST(ChangesAnything, StaffTakeOverWhatItsOwnerFroze) {
  Account account{.id = kPayer};
  const auto freezes = [](const Uuid& actor) { return control_of(actor, {.status = frozen}); };
  apply(account, freezes(kPayer.uuid), kNow);
  EXPECT_TRUE(account.frozen_by_owner);
  EXPECT_FALSE(changes_anything(account, freezes(kPayer.uuid)));
  EXPECT_TRUE(changes_anything(account, freezes(Uuid::reserved(9))));
  EXPECT_EQ(apply(account, freezes(Uuid::reserved(9)), kNow).change,
            R"({"status":{"before":"frozen","after":"frozen"}})");
  EXPECT_FALSE(account.frozen_by_owner);
  EXPECT_FALSE(changes_anything(account, freezes(kPayer.uuid))) << "nor is it theirs again";
}

// Nobody controls their own account but so.
TEST(Check, OwnersFreezeLiftTheirOwnFreezeAndClose) {
  const auto said = [](const Account& account, Control control) {
    const auto refusal =
        check(account, control_of(account.id.uuid, std::move(control)), Limits{}, kNow);
    return refusal ? std::string(info(refusal->code).name) : std::string();
  };
  const Account open{.id = kPayer};
  const Account own{.id = kPayer, .status = frozen, .frozen_by_owner = true};
  const Account staffs{.id = kPayer, .status = frozen};
  const Account closed{.id = kPayer, .status = AccountStatus::closed};
  EXPECT_EQ(said(open, {.status = frozen}), "");
  EXPECT_EQ(said(own, {.status = active}), "");
  EXPECT_EQ(said(open, {.status = AccountStatus::closed}), "");
  EXPECT_EQ(said(staffs, {.status = active}), "account_frozen");
  for (const Account& account : {own, staffs})
    EXPECT_EQ(said(account, {.status = AccountStatus::closed}), "account_frozen");
  for (const auto status : {active, frozen})
    EXPECT_EQ(said(closed, {.status = status}), "account_closed");
  EXPECT_EQ(said({.id = kPayer, .balance = {1}}, {.status = AccountStatus::closed}),
            "balance_not_zero");
  EXPECT_EQ(said(open, {.limits = OwnLimits{}}), "forbidden");
  EXPECT_EQ(said(open, {.change = R"("role":{})"}), "forbidden");
  EXPECT_EQ(said(open, {.status = frozen, .change = R"("role":{})"}), "forbidden");
}

// The order of entries is their number: their time is the clock's, moved forward by a little.
TEST(TimeOf, FollowsTheClockAndSmallStepsAhead) {
  const Account now{.id = kPayer, .last_entry = kNow};
  const Account ahead{.id = kPayee, .last_entry = at(kClockTolerance_us)};
  const Account far_ahead{.id = kPayee, .last_entry = at(kClockTolerance_us + 1)};
  Account system = ahead;
  system.kind = AccountKind::system;
  EXPECT_EQ(time_of(now, now, kNow), kNow) << "it may stand still";
  EXPECT_EQ(time_of(now, now, at(5)), at(5));
  EXPECT_EQ(time_of(now, ahead, kNow), ahead.last_entry);
  EXPECT_EQ(time_of(ahead, now, kNow), ahead.last_entry);
  EXPECT_EQ(time_of(now, far_ahead, kNow), kNow) << "a wrong clock leaves nothing behind";
  EXPECT_EQ(time_of(far_ahead, now, kNow), kNow);
  EXPECT_EQ(time_of(now, system, kNow), kNow) << "all meet there";
}

TEST(TimeOf, AWrongClockIsForgotten) {
  Account payer{.id = kPayer, .balance = {100}}, payee{.id = kPayee};
  const Order o{.payer = kPayer, .payee = kPayee, .amount = {1}};
  // The clock stands, jumps ahead, comes back: its day is counted anew by the store.
  EXPECT_EQ(apply(payer, payee, o, kNow).created, kNow);
  EXPECT_EQ(apply(payer, payee, o, kNow).created, kNow);
  EXPECT_EQ(apply(payer, payee, o, at(kDay_us)).created, at(kDay_us));
  EXPECT_EQ(payer.sent_today, Amount{1});
  EXPECT_FALSE(knows_day_of(payer, kNow));
  EXPECT_FALSE(knows_day_of(payee, kNow));
  for (Account* account : {&payer, &payee}) account->sent_day = kToday;
  payer.sent_today = {2};
  EXPECT_TRUE(knows_day_of(payer, kNow));
  EXPECT_EQ(apply(payer, payee, o, kNow).created, kNow);
  EXPECT_EQ(payer.sent_today, Amount{3});
}

TEST(TimeOf, ADayEndsWithTheEntrysTime) {
  constexpr Time kMidnight = kToday.ends();
  Account payer{.id = kPayer,
                .balance = {100},
                .sent_day = kToday,
                .sent_today = {60},
                .last_entry = {kMidnight.us - 1}};
  Account payee{.id = kPayee, .last_entry = {kMidnight.us + kClockTolerance_us / 2}};
  const Order o{.payer = kPayer, .payee = kPayee, .amount = {40}};
  const Limits limits = limits_of(0, 50);
  EXPECT_EQ(sent_on(payer, kToday), Amount{60});
  EXPECT_EQ(sent_on(payer, day_of(kMidnight)), Amount{0});
  // The payee's last entry moves the payment's time over midnight: it is tomorrow's.
  ASSERT_TRUE(knows_day_of(payee, {kMidnight.us - 1}));
  EXPECT_FALSE(check(payer, payee, o, limits, {kMidnight.us - 1}));
  EXPECT_EQ(apply(payer, payee, o, {kMidnight.us - 1}).created, payee.last_entry);
  EXPECT_EQ(payer.sent_day, day_of(kMidnight));
  EXPECT_EQ(payer.sent_today, Amount{40});
}

TEST(Apply, OnlyPeoplesPaymentsCountForTheDay) {
  for (const EntryKind kind : {refund, opening, adjustment, capture}) {
    Account payer{.id = kPayer, .balance = {100}, .held = {1}};
    Account payee{.id = kPayee};
    apply(payer, payee, {.payer = kPayer, .payee = kPayee, .amount = {1}, .kind = kind}, kNow);
    EXPECT_EQ(payer.sent_today, Amount{0});
    EXPECT_EQ(payer.sent_day, kToday) << "the day of its last entry";
  }
  Account system{.id = kPayer, .kind = AccountKind::system};
  Account payee{.id = kPayee};
  apply(system, payee, {.payer = kPayer, .payee = kPayee, .amount = {1}}, kNow);
  EXPECT_EQ(sent_on(system, kToday), Amount{0}) << "a system account sends nothing";
}

TEST(Apply, KeepsWhatWasSentTodayInEntriesOfOtherKinds) {
  Account payer{.id = kPayer, .balance = {100}}, payee{.id = kPayee};
  const Order o{.payer = kPayer, .payee = kPayee, .amount = {10}};
  apply(payer, payee, o, kNow);
  Order back{.payer = kPayee, .payee = kPayer, .amount = {5}, .kind = refund};
  EXPECT_EQ(apply(payee, payer, back, kNow).payee_side.sent_today, Amount{10});
  EXPECT_EQ(control_entry(payer, {.status = frozen}).payer_side.sent_today, Amount{10});
  const Order free{.payer = kPayer, .payee = kPayee, .amount = {1}, .kind = release};
  payer.held = {1};
  EXPECT_EQ(apply(payer, free, at(kDay_us)).payer_side.sent_today, Amount{0}) << "another day";
}

}  // namespace
}  // namespace instapay::ledger
