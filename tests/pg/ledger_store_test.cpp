// PgStore against PostgreSQL: what commits, what is refused and how it is told, what is read.
// Lost connections and the fence: ledger_fence_test.cpp.
#include <future>

#include "ledger/commit/flight.h"
#include "pg/ledger_store_fixture.h"

namespace instapay::testing {
namespace {

TEST_F(LedgerStore, CommitsABatchAsPlanned) {
  const std::int64_t before = entries();
  const Requests paid{Books::pay(a_, b_, 300, 1)};
  const Plan plan = books_.plan({paid[0], Books::pay(b_, a_, 50)});
  ASSERT_TRUE(commit(plan));
  books_.advance(plan);
  EXPECT_EQ(books_.balance(a_), 750);
  EXPECT_EQ(books_.balance(b_), 750);
  EXPECT_EQ(entries(), before + 4);
  EXPECT_TRUE(books_.mine().has_batch({plan.row.chain_id, plan.row.seq, plan.row.hash()}).value());
  EXPECT_FALSE(books_.mine().has_batch({plan.row.chain_id, plan.row.seq, sha256("x")}).value());
  EXPECT_FALSE(books_.mine().has_batch({plan.row.chain_id, 9, plan.row.hash()}).value());
  // What the key stands for is what was answered.
  const auto known = books_.mine().load(Books::request_for(paid));
  ASSERT_TRUE(known);
  const FirstAnswer& first = known->keys.at(owned(paid[0].request_key()));
  EXPECT_EQ(first.request, paid[0].request_key().request);
  EXPECT_EQ(first.refused_items, "");
  ASSERT_EQ(first.transfers.size(), 1U);
  const Transfer& stored = first.transfers[0];
  EXPECT_EQ(stored.id, plan.transfers[0].id);
  EXPECT_EQ(stored.amount, Amount{300});
  EXPECT_EQ(stored.payer_side, plan.transfers[0].payer_side);
  EXPECT_EQ(stored.payee_side.seq, plan.transfers[0].payee_side.seq);
  EXPECT_EQ(stored.created, plan.transfers[0].created);
  EXPECT_EQ(stored.note, "tea");
  EXPECT_EQ(stored.key, paid[0].request_key());
  EXPECT_EQ(stored.place, plan.transfers[0].place);
  const Account& account = known->accounts.at(a_);
  EXPECT_EQ(account.seq, Seq{3});
  EXPECT_EQ(account.balance, Amount{750});
  EXPECT_EQ(account.sent_today, Amount{300});
  EXPECT_EQ(account.sent_day, day_of(plan.transfers[1].created));
  EXPECT_EQ(account.last_entry, plan.transfers[1].created);
}

TEST_F(LedgerStore, ANumberThatIsTakenIsAConflict) {
  const Plan stale = books_.plan({Books::pay(a_, b_, 900)});
  books_.commit({Books::pay(a_, b_, 500)});
  EXPECT_EQ(kind_of(commit(in_next_place(stale))), Kind::conflict);
  EXPECT_EQ(books_.balance(a_), 500);
  EXPECT_EQ(books_.balance(b_), 1'000);
  books_.commit({Books::pay(a_, b_, 1)});
}

TEST_F(LedgerStore, AChangeOfStatusOrLimitsIsAConflictForWhatWasPlannedBefore) {
  const auto user = books_.store("user");
  for (const Control& control :
       {Control{.limits = OwnLimits{.per_transfer = Amount{5}, .per_day = {}}},
        Control{.status = AccountStatus::frozen}}) {
    const Plan stale = books_.plan({Books::pay(b_, a_, 1)});
    books_.commit({Books::control(a_, control)}, *user);
    EXPECT_EQ(kind_of(commit(in_next_place(stale))), Kind::conflict);
  }
}

// As a book that outlived its database: it knows entries that are not there.
TEST_F(LedgerStore, AStateThatTheDatabaseNeverHadDoesNotFollow) {
  const Requests requests{Books::pay(a_, b_, 10)};
  for (const auto& falsify : std::vector<void (*)(Account&)>{
           [](Account& account) { account.seq.value += 1; },
           [](Account& account) { account.balance += Amount{1}; },
           [](Account& account) { account.held += Amount{1}; },
       }) {
    Known known = books_.read(requests);
    falsify(known.accounts.at(a_));
    Plan plan = books_.plan(requests, std::move(known));
    EXPECT_EQ(kind_of(commit(plan)), Kind::does_not_follow);
    // In a transaction too, where only COMMIT could tell.
    ASSERT_TRUE(books_.mine().load({.accounts = {a_}, .lock = true}));
    EXPECT_EQ(kind_of(commit(plan)), Kind::does_not_follow);
    // Nor is a refusal true that rests on an entry that is not there; one of the two is said.
    plan.relied_on = {Account{.id = kOpeningAccount, .seq = {1'000'000}}};
    const Kind why = kind_of(commit(plan));
    EXPECT_TRUE(why == Kind::conflict || why == Kind::does_not_follow);
  }
  EXPECT_EQ(books_.balance(a_), 1'000);
  EXPECT_EQ(books_.number("SELECT count(*) FROM awaited_entries"), 0);
  books_.commit(requests);
}

TEST_F(LedgerStore, AnAccountThatIsNotThereDoesNotFollow) {
  Known known = books_.read({Books::pay(a_, b_, 1)});
  const AccountId nobody{Uuid::v7(now_us())};
  known.accounts.emplace(nobody, Account{.id = nobody});
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, nobody, 1)}, std::move(known)))),
            Kind::does_not_follow);
  EXPECT_EQ(books_.balance(a_), 1'000);
}

TEST_F(LedgerStore, RefusalsInAWrittenBatchAreCheckedToo) {
  const AccountId c = books_.wallet();
  const Plan plan = books_.plan({Books::pay(a_, b_, 1), Books::pay(c, a_, 5)});
  ASSERT_EQ(plan.relied_on.size(), 1U);
  books_.commit({Books::give(c, 100)});
  EXPECT_EQ(kind_of(commit(in_next_place(plan))), Kind::conflict) << "c could have paid";
  EXPECT_EQ(books_.balance(a_), 1'000);
}

TEST_F(LedgerStore, ConfirmNoticesThatARefusalIsNoLongerTrue) {
  const AccountId c = books_.wallet();
  const Plan refused = books_.plan({Books::pay(c, a_, 5)});
  ASSERT_TRUE(refused.empty());
  EXPECT_TRUE(books_.mine().confirm(refused));
  books_.commit({Books::give(c, 100)});
  EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  // Also when a transaction is open that has read, and locked, other accounts.
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}, .lock = true}));
  EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  books_.commit({Books::pay(c, a_, 5)});
}

// A replay was read, perhaps before it was on the standby: a barrier of the log comes after it.
TEST_F(LedgerStore, ConfirmOfAReplayWaitsForTheLog) {
  PgStore store({books_.url(), "instapay_transaction", "confirms"});
  ASSERT_EQ(store.connect(), Store::Connected::anew);
  const Requests paid{Books::pay(a_, b_, 10, 1)};
  books_.commit(paid);
  for (const bool lock : {false, true}) {
    LoadRequest request = Books::request_for(paid);
    request.lock = lock;
    const Plan plan = books_.plan(paid, store.load(request).value());
    EXPECT_TRUE(plan.empty() && plan.replayed && plan.outcomes[0][0]->replayed);
    EXPECT_FALSE(is_at_barrier("confirms"));
    EXPECT_TRUE(store.confirm(plan));
    EXPECT_TRUE(is_at_barrier("confirms"));
    ASSERT_TRUE(store.clock());
    ASSERT_TRUE(store.confirm({}));
    EXPECT_FALSE(is_at_barrier("confirms"));
  }
  books_.commit({Books::pay(a_, b_, 1)});
}

TEST_F(LedgerStore, AKeyIsGoodOnce) {
  books_.commit({Books::pay(a_, b_, 10, 1)});
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, b_, 10, 1)}))), Kind::duplicate_key);
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, b_, 99, 1), Books::pay(a_, b_, 1, 2)}))),
            Kind::duplicate_key);
  EXPECT_EQ(books_.balance(a_), 990);
  books_.commit({Books::pay(b_, a_, 10, 1)});  // another principal
}

// Operators are the principals of what they order, on whichever account.
TEST_F(LedgerStore, AKeyOfAnOperatorIsGoodOnceAcrossAccounts) {
  const Uuid one = Uuid::random(), other = Uuid::random();
  const auto adjust = [&](const AccountId& account, const Uuid& actor) {
    Request request = Books::give(account, 5);
    request.orders[0].actor = actor;
    request.key = 1;
    return request;
  };
  const auto take = [&](const AccountId& account, const Uuid& actor) {
    Request request = adjust(account, actor);
    std::swap(request.orders[0].payer, request.orders[0].payee);
    return request;
  };
  const Plan first = books_.commit({adjust(a_, one)});
  for (const Request& again : {adjust(b_, one), take(a_, one), take(b_, one)})
    EXPECT_EQ(kind_of(commit(books_.plan({again}))), Kind::duplicate_key);
  // It is found whichever account is asked about.
  const auto known = books_.mine().load(Books::request_for({take(b_, one)}));
  ASSERT_TRUE(known);
  ASSERT_EQ(known->keys.size(), 1U);
  EXPECT_EQ(known->keys.begin()->second.transfers.at(0).id, first.transfers[0].id);
  books_.commit({adjust(b_, other)});
  books_.commit({Books::pay(a_, b_, 1, 1)});  // the wallet's own
}

// What was refused is answered again from what stands beside the key, whatever is so now.
TEST_F(LedgerStore, TheFirstAnswerOfARequestOfManyIsReadBack) {
  Request many = Books::pay(a_, b_, 400, 3);
  for (const std::int64_t minor : {100, 900, 200})
    many.orders.push_back(Books::pay(a_, b_, minor).orders[0]);
  many.orders.push_back(Books::pay(a_, {}, 1).orders[0]);
  many.orders.back().refused = Code::payee_not_found;
  many.orders.push_back(Books::pay(a_, b_, 50).orders[0]);
  const Plan plan = books_.plan({Books::pay(b_, a_, 5), many, Books::pay(b_, a_, 6),
                                 Books::pay(a_, b_, 7), Books::pay(b_, a_, 8)});
  const Outcomes& first = plan.outcomes[1];
  ASSERT_FALSE(first[2]);  // 900
  ASSERT_FALSE(first[4]);
  ASSERT_TRUE(commit(plan));
  books_.advance(plan);
  books_.commit({Books::give(a_, 10'000)});  // now it could be paid

  const auto known = books_.mine().load(Books::request_for({many}));
  ASSERT_TRUE(known);
  const FirstAnswer& answer = known->keys.at(owned(many.request_key()));
  EXPECT_EQ(answer.refused_items, format_refused_items(first));
  const Plan again = books_.plan({many}, *known);
  EXPECT_TRUE(again.empty());
  ASSERT_EQ(again.outcomes[0].size(), first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Outcome& outcome = again.outcomes[0][i];
    ASSERT_EQ(outcome.has_value(), first[i].has_value()) << i;
    if (!outcome) EXPECT_EQ(outcome.error(), first[i].error()) << i;
    if (!outcome) continue;
    EXPECT_TRUE(outcome->replayed);
    EXPECT_EQ(outcome->id, first[i]->id) << i;
    EXPECT_EQ(outcome->payer_side, first[i]->payer_side) << i;
  }
  // The same key with other content is another request; with more orders, too.
  Request other = many;
  other.content = 2;
  const Plan reused = books_.plan({other}, books_.mine().load(Books::request_for({other})).value());
  EXPECT_EQ(reused.outcomes[0][0].error().code, Code::idempotency_key_reused);
}

TEST_F(LedgerStore, APlaceInAChainIsGoodOnce) {
  books_.commit({Books::pay(a_, b_, 10)});
  Plan second = books_.plan({Books::pay(a_, b_, 10)});
  second.row.seq = 1;
  EXPECT_EQ(kind_of(commit(second)), Kind::chain_taken);
  EXPECT_EQ(books_.balance(a_), 990);
}

TEST_F(LedgerStore, AClockThatIsOffDoesNotWrite) {
  for (const std::int64_t off_us : {-3 * kSecond_us, 3 * kSecond_us}) {
    Plan plan = books_.plan({Books::pay(a_, b_, 10)});
    plan.row.committed.us += off_us;
    EXPECT_EQ(kind_of(commit(plan)), Kind::clock_skew);
  }
  EXPECT_EQ(books_.balance(a_), 1'000);
  const auto clock = books_.mine().clock();
  ASSERT_TRUE(clock);
  EXPECT_LT(std::abs(clock->us - now_us()), kClockTolerance_us);
}

TEST_F(LedgerStore, AnotherCurrencyOpensNoChain) {
  const auto refused = books_.mine().open_chain("USD");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::broken);
  const auto next = books_.mine().open_chain("EGP");
  ASSERT_TRUE(next);
  EXPECT_GT(*next, books_.position().chain_id);
  EXPECT_NE(*books_.mine().open_chain("EGP"), *next);
}

// ---- status, limits and holds

TEST_F(LedgerStore, AControlEntryWritesTheSettingsWithIt) {
  const auto user = books_.store("user");
  const auto settings = [&] {
    return books_.text(
        "SELECT concat_ws(' ', status, transfer_limit, daily_limit) FROM accounts"
        " WHERE id = '" +
        a_.to_string() + "'");
  };
  const Plan plan = books_.commit(
      {Books::control(a_, {.status = AccountStatus::frozen,
                           .limits = OwnLimits{.per_transfer = Amount{7}, .per_day = Amount{8}}})},
      *user);
  EXPECT_EQ(settings(), "1 7 8");
  EXPECT_EQ(books_.text("SELECT change FROM entries WHERE account_id = '" + a_.to_string() +
                        "' AND kind = 5"),
            plan.transfers[0].change);
  const auto known = books_.mine().load({.accounts = {a_}, .now = {now_us()}});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->accounts.at(a_).status, AccountStatus::frozen);
  EXPECT_EQ(known->accounts.at(a_).limits, (OwnLimits{Amount{7}, Amount{8}}));
  books_.commit({Books::control(a_, {.status = AccountStatus::active, .limits = OwnLimits{}})},
                *user);
  EXPECT_EQ(settings(), "0");
  // When the batch fails, they stay.
  Plan failing = books_.plan({Books::control(a_, {.status = AccountStatus::frozen})});
  failing.row.seq = 1;
  EXPECT_EQ(kind_of(user->commit(failing)), Kind::chain_taken);
  EXPECT_EQ(settings(), "0");
  // The transaction service may not, so the entry is not written either.
  EXPECT_EQ(kind_of(commit(books_.plan({Books::control(a_, {.status = AccountStatus::frozen})}))),
            Kind::broken);
  EXPECT_EQ(books_.entries_of(a_), 3);
}

TEST_F(LedgerStore, HoldsAreReadBack) {
  const Transfer held =
      books_.commit({Books::hold(a_, b_, 700), Books::pay(a_, b_, 100)}).transfers[0];
  const auto state = [&] {
    const Account account = books_.read({Books::pay(a_, b_, 1)}).accounts.at(a_);
    return std::pair(account.balance.minor, account.held.minor);
  };
  EXPECT_EQ(state(), std::pair(900L, 700L));
  books_.commit({Books::capture(held, 100), Books::capture(held, 200)});
  EXPECT_EQ(state(), std::pair(600L, 400L));
  EXPECT_EQ(books_.balance(b_), 900);
}

TEST_F(LedgerStore, AnInvariantThatRefusesIsTold) {
  Plan plan = books_.plan({Books::pay(a_, b_, 10)});
  plan.transfers[0].payer_side.balance = {-5};
  EXPECT_EQ(kind_of(commit(plan)), Kind::broken);
  EXPECT_EQ(books_.balance(a_), 1'000);
}

// ---- what is read

// A clock ran ahead over midnight: what was sent today is no longer in the last entry.
TEST_F(LedgerStore, WhatWasSentTodayIsCountedAnewAfterEntriesOfTomorrow) {
  const Time now{now_us()}, tomorrow{now.us + kDay_us};
  const auto sent = [&](Time at) {
    const auto known = books_.mine().load({.accounts = {a_, b_}, .now = at}).value();
    return sent_on(known.accounts.at(a_), day_of(at));
  };
  books_.commit({Books::pay(a_, b_, 100)});
  books_.commit({Books::pay(a_, b_, 40)});
  Request ahead = Books::pay(a_, b_, 50);
  ahead.now = tomorrow;
  books_.commit({ahead});
  EXPECT_EQ(sent(now), Amount{140});
  EXPECT_EQ(sent(tomorrow), Amount{50});
  EXPECT_EQ(sent({tomorrow.us + kDay_us}), Amount{0});
  books_.commit({Books::pay(a_, b_, 3)});
  EXPECT_EQ(sent(now), Amount{143});
  EXPECT_EQ(sent(tomorrow), Amount{0}) << "when its day comes, it begins anew";
}

TEST_F(LedgerStore, AStatementThatIsEndedByItsTimeoutIsToldAndWroteNothing) {
  auto other = books_.open(""), watcher = books_.open("");
  ASSERT_TRUE(other.exec("BEGIN; LOCK TABLE entries IN EXCLUSIVE MODE"));
  const auto before = entries();
  auto running =
      std::async(std::launch::async, [&] { return commit(books_.plan({Books::pay(a_, b_, 10)})); });
  await_lock_wait(watcher);
  // As statement_timeout would, which has the same SQLSTATE.
  rows_of(watcher.query({"test/cancel",
                         "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                         "WHERE datname = current_database() AND wait_event_type = 'Lock'"}));
  EXPECT_EQ(kind_of(running.get()), Kind::timed_out);
  ASSERT_TRUE(other.exec("ROLLBACK"));
  EXPECT_EQ(entries(), before);
  EXPECT_TRUE(commit(books_.plan({Books::pay(a_, b_, 10)}))) << "the same connection goes on";
}

TEST_F(LedgerStore, LoadLocksUntilTheTransactionEnds) {
  const auto other = books_.store();
  LoadRequest locking = Books::request_for({Books::pay(a_, b_, 10)});
  locking.lock = true;
  ASSERT_TRUE(other->load(locking));
  // Somebody else who locks waits, and gives up in time (lock_timeout); who does not lock need not.
  const std::int64_t begun = monotonic_us();
  EXPECT_EQ(kind_of(books_.mine().load(locking)), Kind::conflict);
  EXPECT_LT(monotonic_us() - begun, 6 * kSecond_us);
  books_.commit({Books::pay(b_, a_, 10)});
  ASSERT_TRUE(other->confirm({}));
  ASSERT_TRUE(books_.mine().load(locking));
  ASSERT_TRUE(books_.mine().roll_back());
}

TEST_F(LedgerStore, WhoWaitedForTheLockSeesTheNewestEntry) {
  const auto first = books_.store(), second = books_.store();
  const Requests requests{Books::pay(a_, b_, 10)};
  LoadRequest locking = Books::request_for(requests);
  locking.lock = true;
  const Plan plan = books_.plan(requests, first->load(locking).value());
  auto waiting = std::async(std::launch::async, [&] { return second->load(locking); });
  auto watcher = books_.open("");
  await_lock_wait(watcher);
  ASSERT_TRUE(first->commit(plan));
  books_.advance(plan);
  auto known = waiting.get();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->accounts.at(a_).seq, plan.transfers[0].payer_side.seq);
  EXPECT_EQ(known->accounts.at(a_).balance, Amount{990});
  const Plan next = books_.plan(requests, std::move(*known));
  ASSERT_TRUE(second->commit(next));
  books_.advance(next);
}

TEST_F(LedgerStore, ALoadMayFollowALoad) {
  ASSERT_TRUE(books_.mine().load({.accounts = {a_}, .lock = true}));
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}, .lock = true}));
  // The first one's locks are gone, a failure leaves nothing open.
  const auto other = books_.store();
  ASSERT_TRUE(other->load({.accounts = {a_}, .lock = true}));
  EXPECT_FALSE(books_.mine().load({.accounts = {a_}, .lock = true}));
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}, .lock = true}));
  ASSERT_TRUE(books_.mine().confirm({}));
  ASSERT_TRUE(other->confirm({}));
  books_.commit({Books::pay(a_, b_, 10)});
}

TEST_F(LedgerStore, PreludeAndMoneyComeTogetherOrNotAtAll) {
  const auto store = books_.store("user");
  const AccountId id{Uuid::v7(now_us())};
  const PgPrelude prelude({"test/open", "INSERT INTO accounts (id, kind) VALUES ($1::uuid, 0)"},
                          pg::Params().add(id.uuid));
  Request grant = Books::give(id, 100);
  grant.orders[0].payer = kOpeningAccount;
  grant.orders[0].kind = EntryKind::opening;
  LoadRequest request = Books::request_for({grant});
  request.prelude = &prelude;

  auto known = store->load(request);
  ASSERT_TRUE(known);
  ASSERT_TRUE(known->accounts.contains(id));
  Plan plan = books_.plan({grant}, *known);
  plan.row.seq = 1'000'000;  // fails at the very end
  books_.sql("INSERT INTO ledger_batches VALUES (" + std::to_string(plan.row.chain_id) +
             ", 1000000, sha256(''), sha256(''), sha256(''), 0, true, now())");
  EXPECT_EQ(kind_of(store->commit(plan)), Kind::chain_taken);
  EXPECT_EQ(books_.number("SELECT count(*) FROM accounts WHERE id = '" + id.to_string() + "'"), 0);

  known = store->load(request);
  ASSERT_TRUE(known);
  plan = books_.plan({grant}, *known);
  ASSERT_TRUE(store->commit(plan));
  books_.advance(plan);
  EXPECT_EQ(books_.balance(id), 100);

  known = store->load(request);
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().kind, Kind::prelude_refused);
  EXPECT_EQ(known.error().constraint, "accounts_pkey");
  ASSERT_TRUE(store->load({.accounts = {id}}));
}

TEST_F(LedgerStore, RefundsSeeWhatWasGivenBack) {
  const Plan paid = books_.commit({Books::pay(a_, b_, 60)});
  const Uuid transfer = paid.transfers[0].id;
  const Requests refund{Books::refund(b_, a_, 20, transfer)};
  LoadRequest request = Books::request_for(refund);
  request.refunds.push_back({a_, transfer});
  auto known = books_.mine().load(request);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->refundables.at({b_, transfer}).received, Amount{60});
  EXPECT_EQ(known->refundables.at({b_, transfer}).original_payer, a_);
  EXPECT_FALSE(known->refundables.contains({a_, transfer})) << "who paid has nothing to refund";
  const Plan plan = books_.plan(refund, *known);
  ASSERT_EQ(plan.transfers.size(), 1U);
  ASSERT_TRUE(commit(plan));
  books_.advance(plan);
  known = books_.mine().load(request);
  EXPECT_EQ(known->refundables.at({b_, transfer}).refunded, Amount{20});
}

}  // namespace
}  // namespace instapay::testing
