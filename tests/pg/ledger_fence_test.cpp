// PgStore when connections break: what was written ahead, the fence, what is lost.
#include <thread>

#include "ledger/commit/flight.h"
#include "pg/ledger_store_fixture.h"
#include "support/gate.h"

namespace instapay::testing {
namespace {

// Rolled back meanwhile, as when its basis takes long, it commits as well.
class LedgerStoreAhead : public LedgerStore, public ::testing::WithParamInterface<bool> {
 protected:
  // A plan of b's payment on what a's will leave behind, in a chain of its own.
  Plan plan_ahead(const Plan& basis, std::int32_t chain) const {
    Flight flight;
    flight.plan(basis);
    Known later;
    for (const AccountId& id : {a_, b_}) later.accounts.emplace(id, *flight.find(id));
    Plan ahead = books_.plan({Books::pay(b_, a_, 550, 1)}, std::move(later));
    ahead.row.chain_id = chain;
    ahead.row.seq = 1;
    return ahead;
  }
};
INSTANTIATE_TEST_SUITE_P(KeptOrRolledBack, LedgerStoreAhead, ::testing::Bool());

TEST_P(LedgerStoreAhead, LocksNoAccountAndCommitsLater) {
  const auto other = books_.store();
  const std::int64_t before = entries();
  const Plan basis = books_.plan({Books::pay(a_, b_, 100)});
  const Plan ahead = plan_ahead(basis, other->open_chain("EGP").value());

  ASSERT_TRUE(other->write_ahead(ahead));
  if (GetParam()) ASSERT_TRUE(other->roll_back());
  ASSERT_TRUE(commit(basis)) << "the accounts of both are free";
  books_.advance(basis);
  EXPECT_EQ(books_.balance(b_), 600) << "nothing of the second one is there yet";
  ASSERT_TRUE(other->commit(ahead));
  EXPECT_EQ(books_.balance(a_), 1'450);
  EXPECT_EQ(books_.balance(b_), 50);
  EXPECT_EQ(entries(), before + 4);
  EXPECT_EQ(books_.number("SELECT count(*) FROM awaited_entries"), 0);
}

TEST_P(LedgerStoreAhead, WithoutItsBasisItDoesNotFollow) {
  const auto other = books_.store();
  const Plan basis = books_.plan({Books::pay(a_, b_, 100)});
  const Plan ahead = plan_ahead(basis, other->open_chain("EGP").value());
  for (const bool another : {false, true}) {
    ASSERT_TRUE(other->write_ahead(ahead));
    if (GetParam()) ASSERT_TRUE(other->roll_back());
    if (another) books_.commit({Books::pay(a_, b_, 99)});  // the number is there, not the state
    EXPECT_EQ(kind_of(other->commit(ahead)), Kind::does_not_follow) << another;
    ASSERT_TRUE(other->roll_back()) << "nothing is open";
  }
  EXPECT_EQ(books_.balance(a_), 901);
  EXPECT_EQ(books_.number("SELECT count(*) FROM awaited_entries"), 0);
}

TEST_F(LedgerStore, WhatWasWrittenAheadIsGoneAfterRollingBack) {
  const Plan dropped = books_.plan({Books::pay(a_, b_, 10, 1)});
  ASSERT_TRUE(books_.mine().write_ahead(dropped));
  ASSERT_TRUE(books_.mine().roll_back());
  ASSERT_TRUE(books_.mine().roll_back()) << "nothing is open";
  books_.commit({Books::pay(a_, b_, 20, 1)});
  EXPECT_EQ(books_.balance(a_), 980);
  // Also by whatever comes next.
  ASSERT_TRUE(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 30, 2)})));
  ASSERT_TRUE(books_.mine().confirm({}));
  books_.commit({Books::pay(a_, b_, 1)});
  EXPECT_EQ(books_.entries_of(a_), 3);
  ASSERT_TRUE(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 30, 2)})));
  ASSERT_TRUE(books_.mine().load({.accounts = {a_}}));
  ASSERT_TRUE(books_.mine().roll_back());
  books_.commit({Books::pay(a_, b_, 30, 2)});
  EXPECT_EQ(books_.balance(a_), 949);
}

TEST_F(LedgerStore, AKeyThatIsThereIsFoundWhenWritingAhead) {
  books_.commit({Books::pay(a_, b_, 10, 1)});
  EXPECT_EQ(kind_of(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 10, 1)}))),
            Kind::duplicate_key);
  books_.commit({Books::pay(a_, b_, 10, 2)});
}

// Settings and checks of heads go with what was written ahead.
TEST_F(LedgerStore, WhatWasWrittenAheadIsCommittedWithAllOfItsPlan) {
  const auto user = books_.store("user");
  const AccountId c = books_.wallet();
  const Plan frozen =
      books_.plan({Books::control(a_, {.status = AccountStatus::frozen}), Books::pay(c, a_, 1)});
  ASSERT_EQ(frozen.relied_on.size(), 1U);
  ASSERT_TRUE(user->write_ahead(frozen));
  const auto status = [&] {
    return books_.number("SELECT status FROM accounts WHERE id = '" + a_.to_string() + "'");
  };
  EXPECT_EQ(status(), 0);
  ASSERT_TRUE(user->commit(frozen));
  books_.advance(frozen);
  EXPECT_EQ(status(), 1);
  const Plan refuted =
      books_.plan({Books::control(a_, {.status = AccountStatus::active}), Books::pay(c, a_, 1)});
  ASSERT_TRUE(user->write_ahead(refuted));
  const auto other = books_.store();
  Plan given = books_.plan({Books::give(c, 5)});
  given.row.chain_id = other->open_chain("EGP").value();
  given.row.seq = 1;
  ASSERT_TRUE(other->commit(given));
  EXPECT_EQ(kind_of(user->commit(refuted)), Kind::conflict);
  EXPECT_EQ(status(), 1);
}

// ---- the fence

TEST_F(LedgerStore, FenceVoidsWhatDidNotCommit) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  const BatchRow row = books_.void_row();
  EXPECT_EQ(books_.mine().fence(row, lost.row.hash()), Fence::voided);
  EXPECT_EQ(books_.mine().fence(row, lost.row.hash()), Fence::voided) << "its own mark";
  EXPECT_EQ(kind_of(commit(lost)), Kind::chain_taken) << "it can never commit";
  EXPECT_EQ(books_.balance(a_), 1'000);
}

TEST_F(LedgerStore, FenceFindsWhatDidCommit) {
  PgStore store({books_.url(), "instapay_transaction", "fences"});
  ASSERT_EQ(store.connect(), Store::Connected::anew);
  const BatchRow row = books_.void_row();
  const Plan done = books_.commit({Books::pay(a_, b_, 10)});
  EXPECT_EQ(store.fence(row, done.row.hash()), Fence::committed);
  EXPECT_TRUE(is_at_barrier("fences")) << "it may be on this server only";
  EXPECT_EQ(store.fence(row, sha256("another batch")), Fence::chain_taken)
      << "numbers that were given out twice";
  EXPECT_EQ(books_.balance(a_), 990);
}

// However long it took to find a connection.
TEST_F(LedgerStore, FenceIsNotRefusedForItsClock) {
  BatchRow row = books_.void_row();
  row.committed.us -= 3600 * kSecond_us;
  EXPECT_EQ(books_.mine().fence(row, sha256("lost")), Fence::voided);
}

void end_all(const Books& books) {
  books.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
      " AND pid <> pg_backend_pid()");
}

TEST_F(LedgerStore, FenceTellsThatItsConnectionIsLost) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  end_all(books_);
  EXPECT_EQ(kind_of(books_.mine().fence(books_.void_row(), lost.row.hash())), Kind::lost);
  ASSERT_EQ(books_.mine().connect(), Store::Connected::anew);
  ASSERT_EQ(books_.mine().connect(), Store::Connected::as_before);
  EXPECT_EQ(books_.mine().fence(books_.void_row(), lost.row.hash()), Fence::voided);
}

// The batch as a backend of ours has it in its open transaction, without an end in sight.
class StuckBackend {
 public:
  StuckBackend(const Books& books, const Plan& plan) : connection_(books.open("transaction")) {
    EXPECT_TRUE(connection_.exec("BEGIN"));
    const BatchRow& row = plan.row;
    const auto text = [](const Hash256& hash) { return "'\\x" + to_hex(hash) + "'"; };
    insert_ = "INSERT INTO ledger_batches VALUES (" + std::to_string(row.chain_id) + "," +
              std::to_string(row.seq) + "," + text(row.prev_hash) + "," + text(row.merkle_root) +
              "," + text(row.hash()) + ",1, false, now(), sha256(''))";
  }
  void insert() { EXPECT_TRUE(connection_.exec(insert_)); }
  void commit() { EXPECT_TRUE(connection_.exec("COMMIT")); }

 private:
  pg::Connection connection_;
  std::string insert_;
};

TEST_F(LedgerStore, FenceWaitsForATransactionInFlight) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  StuckBackend stuck(books_, lost);
  stuck.insert();
  // Not settled while the other may still commit; settled the right way when it does.
  std::jthread later([&] {
    constexpr auto kWaiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'";
    const std::int64_t until_us = monotonic_us() + 2 * kSecond_us;
    while (books_.number(kWaiting) == 0 && monotonic_us() < until_us) std::this_thread::yield();
    stuck.commit();
  });
  EXPECT_EQ(books_.mine().fence(books_.void_row(), lost.row.hash()), Fence::committed);
}

TEST_F(LedgerStore, FenceDoesNotGuessAboutATransactionThatIsStuck) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  StuckBackend stuck(books_, lost);
  stuck.insert();
  const auto unsettled = books_.mine().fence(books_.void_row(), lost.row.hash());
  ASSERT_FALSE(unsettled) << "neither committed nor void yet";
  stuck.commit();
  EXPECT_EQ(books_.mine().fence(books_.void_row(), lost.row.hash()), Fence::committed);
}

// A store behind a gate, with short timeouts.
class GatedStore {
 public:
  explicit GatedStore(const Books& books)
      : gate_(server_dir(books.url())), store_(options(books.url(), gate_.dir())) {
    if (store_.connect() != Store::Connected::anew)
      throw std::runtime_error("no connection through the gate");
  }
  Gate& gate() { return gate_; }
  PgStore& store() { return store_; }

 private:
  static std::string server_dir(const std::string& url) {
    const std::size_t at = url.find("host=") + 5;
    return url.substr(at, url.find(' ', at) - at);
  }
  static pg::ConnectOptions options(std::string url, const std::string& dir) {
    const std::string from = server_dir(url);
    url.replace(url.find(from), from.size(), dir);
    return {url, "instapay_transaction", "instapay tests", 500};
  }
  Gate gate_;
  PgStore store_;
};

TEST_F(LedgerStore, FenceEndsOurOwnBackendThatIsStuckInHalfAPipeline) {
  GatedStore gated(books_);
  const AccountId c = books_.wallet();
  // A refusal to be checked: that makes it a transaction with a COMMIT.
  const Plan lost = books_.plan({Books::pay(a_, b_, 10), Books::pay(c, b_, 10)});
  // The COMMIT does not arrive, nor does the end of the connection: no timeout of the server runs.
  gated.gate().fall_silent_at(Gate::Direction::to_server, std::string("commit\0COMMIT", 13));
  EXPECT_EQ(kind_of(gated.store().commit(lost)), Kind::lost);
  EXPECT_EQ(books_.number("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                          " WHERE l.locktype = 'transactionid' AND a.datname = current_database()"
                          " AND a.wait_event = 'ClientRead'"),
            1)
      << "it holds its locks";
  std::optional<Fence> settled;
  for (int i = 0; i < 5 && !settled; ++i) {
    if (gated.store().connect() == Store::Connected::no) continue;
    if (const auto fence = gated.store().fence(books_.void_row(), lost.row.hash()))
      settled = *fence;
  }
  EXPECT_EQ(settled, Fence::voided);
  EXPECT_EQ(books_.balance(a_), 1'000);
}

TEST_F(LedgerStore, AnswersThatNobodyWaitedForAreNotTakenForLaterOnes) {
  GatedStore gated(books_);
  ASSERT_TRUE(gated.store().load({.accounts = {a_}, .lock = true}));
  ASSERT_TRUE(gated.store().confirm({}));
  Plan stale = books_.plan({Books::pay(a_, b_, 20)});
  stale.transfers[0].payer_side.balance += Amount{5};
  // The error arrives, the rest of the pipeline's answers does not.
  gated.gate().fall_silent_at(Gate::Direction::to_client, std::string("Z\0\0\0\5", 5));
  const Kind kind = kind_of(gated.store().commit(stale));
  EXPECT_TRUE(kind == Kind::does_not_follow || kind == Kind::lost);
  ASSERT_NE(gated.store().connect(), Store::Connected::no);
  const Plan fresh = books_.plan({Books::pay(a_, b_, 10)});
  ASSERT_TRUE(gated.store().commit(fresh));
  EXPECT_EQ(books_.balance(a_), 990) << "success means that it happened";
}

TEST_F(LedgerStore, ALostConnectionIsToldAndReplaced) {
  const Plan plan = books_.plan({Books::pay(a_, b_, 10)});
  end_all(books_);
  EXPECT_EQ(kind_of(commit(plan)), Kind::lost);
  ASSERT_EQ(books_.mine().connect(), Store::Connected::anew);
  EXPECT_EQ(books_.mine().fence(books_.void_row(), plan.row.hash()), Fence::voided);

  ASSERT_TRUE(books_.mine().load({.accounts = {a_}, .lock = true}));
  end_all(books_);
  EXPECT_EQ(kind_of(books_.mine().confirm({.relied_on = {Account{.id = a_}}})), Kind::lost);
  ASSERT_EQ(books_.mine().connect(), Store::Connected::anew);
  ASSERT_TRUE(books_.mine().load({.accounts = {a_}}));
  end_all(books_);
  EXPECT_EQ(kind_of(books_.mine().clock()), Kind::lost);
}

// As after a process was stopped for longer than the server's patience.
TEST_F(LedgerStore, ABackendEndedForIdlenessIsALostConnection) {
  const auto store = books_.store();
  ASSERT_TRUE(store->load({.accounts = {a_}, .lock = true}));
  std::this_thread::sleep_for(std::chrono::milliseconds(10'500));
  EXPECT_EQ(kind_of(store->load({.accounts = {a_}})), Kind::lost);
  ASSERT_EQ(store->connect(), Store::Connected::anew);
  EXPECT_TRUE(store->load({.accounts = {a_}}));
}

}  // namespace
}  // namespace instapay::testing
