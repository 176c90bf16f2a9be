// PgStore against PostgreSQL: what commits, what is refused and how it is told, the fence.
#include <thread>

#include "ledger/flight.h"
#include "pg/ledger_books.h"
#include "support/gate.h"

namespace instapay::testing {
namespace {

using Kind = StoreFailure::Kind;

class LedgerStore : public ::testing::Test {
 protected:
  // One database for all: each test has wallets and a chain of its own.
  static Books& shared() {
    static Books books;
    books.begin_again();
    return books;
  }
  Books& books_ = shared();
  Uuid a_ = books_.wallet(1'000), b_ = books_.wallet(500);

  std::int64_t balance(const Uuid& id) {
    auto db = books_.open("");
    return rows_of(db.query({"balance", "SELECT balance FROM accounts WHERE id = $1::uuid"},
                            pg::Params().add(id)))
        .int64(0, 0);
  }
  std::int64_t entries() { return books_.number("SELECT count(*) FROM entries"); }
  StoreResult<void> commit(const Plan& plan) { return books_.mine().commit(plan); }

  static Kind kind_of(const StoreResult<void>& result) {
    EXPECT_FALSE(result);
    return result ? Kind::broken : result.error().kind;
  }
  BatchRow void_row() const {
    const Position p = books_.position();
    return {p.chain_id, p.seq, p.prev_hash, merkle_root({}), 0, true, now_us()};
  }
};

TEST_F(LedgerStore, CommitsABatchAsPlanned) {
  const std::int64_t before = entries();
  const Plan plan = books_.plan({Books::pay(a_, b_, 300, 1), Books::pay(b_, a_, 50)});
  ASSERT_TRUE(commit(plan));
  books_.advance(plan);
  EXPECT_EQ(balance(a_), 750);
  EXPECT_EQ(balance(b_), 750);
  EXPECT_EQ(entries(), before + 4);
  // What the key stands for is what was answered.
  const auto orders = std::vector{Books::pay(a_, b_, 300, 1)};
  const auto known = books_.mine().load(Books::request_for(orders));
  ASSERT_TRUE(known);
  ASSERT_EQ(known->keys.size(), 1U);
  const Transfer& stored = known->keys.begin()->second;
  EXPECT_EQ(stored.id, plan.transfers[0].id);
  EXPECT_EQ(stored.amount_minor, 300);
  EXPECT_EQ(stored.payer_balance_minor, 700);
  EXPECT_EQ(stored.created_us, plan.transfers[0].created_us);
  EXPECT_EQ(stored.note, "tea");
  EXPECT_EQ(stored.request_hash, orders[0].request_hash);
  EXPECT_EQ(stored.batch_seq, plan.row.seq);
  const Account& account = known->accounts.at(a_);
  EXPECT_EQ(account.balance_minor, 750);
  EXPECT_EQ(account.sent_today_minor, 300);
  EXPECT_EQ(account.last_entry_us, plan.transfers[1].created_us);
}

TEST_F(LedgerStore, AStateThatIsNoLongerSoIsAConflict) {
  const Plan stale = books_.plan({Books::pay(a_, b_, 900)});
  books_.commit({Books::pay(a_, b_, 500)});
  Plan again = stale;
  again.row.seq = books_.position().seq;
  EXPECT_EQ(kind_of(commit(again)), Kind::conflict);
  EXPECT_EQ(balance(a_), 500);
  EXPECT_EQ(balance(b_), 1'000);
  books_.commit({Books::pay(a_, b_, 1)});
}

TEST_F(LedgerStore, EveryColumnOfAnAccountThatOthersWriteCountsItsVersion) {
  for (const char* change : {"status = 1", "daily_limit = 5"}) {
    const Plan stale = books_.plan({Books::pay(a_, b_, 1)});
    books_.sql(std::string("UPDATE accounts SET version = version + 1, ") + change +
               " WHERE id = '" + b_.to_string() + "'");
    EXPECT_EQ(kind_of(commit(stale)), Kind::conflict) << change;
  }
}

TEST_F(LedgerStore, AnAccountThatIsNotThereIsAConflict) {
  Known known = books_.read({Books::pay(a_, b_, 1)});
  const Uuid nobody = Uuid::v7(now_us());
  known.accounts.emplace(nobody, Account{.id = nobody});
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, nobody, 1)}, std::move(known)))),
            Kind::conflict);
  EXPECT_EQ(balance(a_), 1'000);
}

TEST_F(LedgerStore, RefusalsInAWrittenBatchAreCheckedToo) {
  const Uuid c = books_.wallet();
  const std::vector orders{Books::pay(a_, b_, 1), Books::pay(c, a_, 5)};
  const Plan plan = books_.plan(orders);
  ASSERT_EQ(plan.relied_on.size(), 1U);
  books_.commit({Books::give(c, 100)});
  Plan again = plan;
  again.row.seq = books_.position().seq;
  EXPECT_EQ(kind_of(commit(again)), Kind::conflict) << "c could have paid";
}

TEST_F(LedgerStore, ConfirmNoticesThatARefusalIsNoLongerTrue) {
  const Uuid c = books_.wallet();
  const Plan refused = books_.plan({Books::pay(c, a_, 5)});
  ASSERT_TRUE(refused.empty());
  EXPECT_TRUE(books_.mine().confirm(refused));
  books_.commit({Books::give(c, 100)});
  EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  // Also when a transaction is open that has read, and locked, other accounts.
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}}));
  EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  ASSERT_TRUE(books_.mine().load({.accounts = {}, .keys = {{c, Hash128{9}}}}));
  EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  books_.commit({Books::pay(c, a_, 5)});
}

TEST_F(LedgerStore, AKeyIsGoodOnce) {
  books_.commit({Books::pay(a_, b_, 10, 1)});
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, b_, 10, 1)}))), Kind::duplicate_key);
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(a_, b_, 99, 1), Books::pay(a_, b_, 1, 2)}))),
            Kind::duplicate_key);
  EXPECT_EQ(balance(a_), 990);
  books_.commit({Books::pay(b_, a_, 10, 1)});  // keys belong to who pays
}

TEST_F(LedgerStore, APlaceInAChainIsGoodOnce) {
  books_.commit({Books::pay(a_, b_, 10)});
  Plan second = books_.plan({Books::pay(a_, b_, 10)});
  second.row.seq = 1;
  EXPECT_EQ(kind_of(commit(second)), Kind::chain_taken);
  EXPECT_EQ(balance(a_), 990);
}

// Rolled back meanwhile, as when its basis takes long, it commits as well.
class LedgerStoreAhead : public LedgerStore, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(KeptOrRolledBack, LedgerStoreAhead, ::testing::Bool());

TEST_P(LedgerStoreAhead, LocksNoAccountAndCommitsLater) {
  auto other = books_.store();
  ASSERT_TRUE(other->connect());
  const std::int32_t chain = other->open_chain().value();
  const std::int64_t before = entries();
  // The first one is planned; the second one on what it will leave behind.
  const std::vector first{Books::pay(a_, b_, 100)}, second{Books::pay(b_, a_, 550, 1)};
  const Plan basis = books_.plan(first);
  Flight flight;
  flight.plan(basis);
  Known later;
  for (const Uuid& id : {a_, b_}) later.accounts.emplace(id, *flight.find(id));
  Plan ahead = books_.plan(second, std::move(later));
  ahead.row.chain_id = chain;
  ahead.row.seq = 1;
  ahead.basis = {flight.ref()};

  ASSERT_TRUE(other->write_ahead(ahead));
  if (GetParam()) {
    ASSERT_TRUE(other->roll_back());
  }
  ASSERT_TRUE(commit(basis)) << "the accounts of both are free";
  books_.advance(basis);
  EXPECT_EQ(balance(b_), 600) << "nothing of the second one is there yet";
  ASSERT_TRUE(other->commit(ahead));
  EXPECT_EQ(balance(a_), 1'450);
  EXPECT_EQ(balance(b_), 50);
  EXPECT_EQ(entries(), before + 4);
}

TEST_F(LedgerStore, WithoutItsBasisAPlanIsAConflict) {
  const Plan basis = books_.commit({Books::pay(a_, b_, 100)});
  Hash256 other_hash = basis.row.hash();
  other_hash[31] ^= 1;
  const BatchRef there{basis.row.chain_id, basis.row.seq, basis.row.hash()};
  for (const BatchRef& missing : {BatchRef{there.chain_id, there.seq, other_hash},
                                  BatchRef{there.chain_id, there.seq + 1, there.hash},
                                  BatchRef{there.chain_id + 100, there.seq, there.hash}}) {
    Plan plan = books_.plan({Books::pay(a_, b_, 1)});
    plan.basis = {there, missing};
    EXPECT_EQ(kind_of(commit(plan)), Kind::conflict);
    Plan refused = books_.plan({Books::pay(a_, b_, 1'000'000)});
    ASSERT_TRUE(refused.empty());
    refused.basis = {missing};
    EXPECT_EQ(kind_of(books_.mine().confirm(refused)), Kind::conflict);
  }
  Plan plan = books_.plan({Books::pay(a_, b_, 1)});
  plan.basis = {there};
  EXPECT_TRUE(commit(plan));
  books_.advance(plan);
}

TEST_F(LedgerStore, WhatWasWrittenAheadIsGoneAfterRollingBack) {
  const Plan dropped = books_.plan({Books::pay(a_, b_, 10, 1)});
  ASSERT_TRUE(books_.mine().write_ahead(dropped));
  ASSERT_TRUE(books_.mine().roll_back());
  ASSERT_TRUE(books_.mine().roll_back()) << "nothing is open";
  books_.commit({Books::pay(a_, b_, 20, 1)});
  EXPECT_EQ(balance(a_), 980);
  // Also by whatever comes next.
  ASSERT_TRUE(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 30, 2)})));
  ASSERT_TRUE(books_.mine().confirm({}));
  books_.commit({Books::pay(a_, b_, 1)});
  EXPECT_EQ(
      books_.number("SELECT count(*) FROM entries WHERE account_id = '" + a_.to_string() + "'"), 3);
  ASSERT_TRUE(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 30, 2)})));
  ASSERT_TRUE(books_.mine().load({.accounts = {a_}}));
  ASSERT_TRUE(books_.mine().roll_back());
  books_.commit({Books::pay(a_, b_, 30, 2)});
  EXPECT_EQ(balance(a_), 949);
}

TEST_F(LedgerStore, AKeyThatIsThereIsFoundWhenWritingAhead) {
  books_.commit({Books::pay(a_, b_, 10, 1)});
  EXPECT_EQ(kind_of(books_.mine().write_ahead(books_.plan({Books::pay(a_, b_, 10, 1)}))),
            Kind::duplicate_key);
  books_.commit({Books::pay(a_, b_, 10, 2)});
}

TEST_F(LedgerStore, LoadLocksUntilTheTransactionEnds) {
  auto other = books_.store();
  ASSERT_TRUE(other->connect());
  const std::vector orders{Books::pay(a_, b_, 10)};
  auto known = other->load(Books::request_for(orders));
  ASSERT_TRUE(known);
  // Somebody else waits for the lock, and gives up in time (lock_timeout).
  const std::int64_t begun = monotonic_us();
  EXPECT_EQ(kind_of(commit(books_.plan({Books::pay(b_, a_, 10)}, *known))), Kind::conflict);
  EXPECT_LT(monotonic_us() - begun, 6 * kSecond_us);
  ASSERT_TRUE(other->confirm({}));
  books_.commit({Books::pay(b_, a_, 10)});
}

TEST_F(LedgerStore, ALoadMayFollowALoad) {
  ASSERT_TRUE(books_.mine().load({.accounts = {a_}}));
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}}));
  // The first one's locks are gone, a failure leaves nothing open.
  auto other = books_.store();
  ASSERT_TRUE(other->connect());
  ASSERT_TRUE(other->load({.accounts = {a_}}));
  EXPECT_FALSE(books_.mine().load({.accounts = {a_}}));
  ASSERT_TRUE(books_.mine().load({.accounts = {b_}}));
  ASSERT_TRUE(books_.mine().confirm({}));
  ASSERT_TRUE(other->confirm({}));
  books_.commit({Books::pay(a_, b_, 10)});
}

TEST_F(LedgerStore, PreludeAndMoneyComeTogetherOrNotAtAll) {
  auto store = PgStore({books_.url(), "instapay_user", "instapay tests"});
  ASSERT_TRUE(store.connect());
  const Uuid id = Uuid::v7(now_us());
  const pg::Connection::Step prelude{
      {"test/open", "INSERT INTO accounts (id, kind) VALUES ($1::uuid, 0)"}, pg::Params().add(id)};
  const Order grant{
      .payer = kOpeningAccount, .payee = id, .amount_minor = 100, .kind = TransferKind::opening};
  LoadRequest request = Books::request_for({grant});
  request.prelude = &prelude;

  auto known = store.load(request);
  ASSERT_TRUE(known);
  ASSERT_TRUE(known->accounts.contains(id));
  Plan plan = books_.plan({grant}, *known);
  plan.row.seq = 1'000'000;  // fails at the very end
  books_.sql("INSERT INTO ledger_batches VALUES (" + std::to_string(plan.row.chain_id) +
             ", 1000000, sha256(''), sha256(''), sha256(''), 0, true, now())");
  EXPECT_EQ(kind_of(store.commit(plan)), Kind::chain_taken);
  EXPECT_EQ(books_.number("SELECT count(*) FROM accounts WHERE id = '" + id.to_string() + "'"), 0);

  known = store.load(request);
  ASSERT_TRUE(known);
  plan = books_.plan({grant}, *known);
  ASSERT_TRUE(store.commit(plan));
  books_.advance(plan);
  EXPECT_EQ(balance(id), 100);

  known = store.load(request);
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().kind, Kind::prelude_refused);
  EXPECT_EQ(known.error().constraint, "accounts_pkey");
  ASSERT_TRUE(store.load({.accounts = {id}}));
}

TEST_F(LedgerStore, RefundsSeeWhatWasGivenBack) {
  const Plan paid = books_.commit({Books::pay(a_, b_, 60)});
  const Uuid transfer = paid.transfers[0].id;
  Order refund{.payer = b_,
               .payee = a_,
               .amount_minor = 20,
               .kind = TransferKind::refund,
               .refund_of = transfer};
  LoadRequest request = Books::request_for({refund});
  request.refunds = {{b_, transfer}, {a_, transfer}};
  auto known = books_.mine().load(request);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->refundables.at({b_, transfer}).received_minor, 60);
  EXPECT_EQ(known->refundables.at({b_, transfer}).original_payer, a_);
  EXPECT_LT(known->refundables.at({a_, transfer}).received_minor, 0)
      << "who paid has nothing to refund";
  Plan plan = books_.plan({refund}, *known);
  ASSERT_EQ(plan.transfers.size(), 1U);
  ASSERT_TRUE(commit(plan));
  books_.advance(plan);
  known = books_.mine().load(request);
  EXPECT_EQ(known->refundables.at({b_, transfer}).refunded_minor, 20);
  ASSERT_TRUE(books_.mine().confirm({}));
}

TEST_F(LedgerStore, AnInvariantThatRefusesIsTold) {
  Plan plan = books_.plan({Books::pay(a_, b_, 10)});
  plan.changed[0].balance_minor = -5;
  EXPECT_EQ(kind_of(commit(plan)), Kind::broken);
  EXPECT_EQ(balance(a_), 1'000);
}

// ---- the fence

TEST_F(LedgerStore, FenceVoidsWhatDidNotCommit) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  const BatchRow row = void_row();
  EXPECT_EQ(books_.mine().fence(row, lost.row.hash()), Fence::voided);
  EXPECT_EQ(books_.mine().fence(row, lost.row.hash()), Fence::voided) << "its own mark";
  EXPECT_EQ(kind_of(commit(lost)), Kind::chain_taken) << "it can never commit";
  EXPECT_EQ(balance(a_), 1'000);
}

TEST_F(LedgerStore, FenceFindsWhatDidCommit) {
  const BatchRow row = void_row();
  const Plan done = books_.commit({Books::pay(a_, b_, 10)});
  EXPECT_EQ(books_.mine().fence(row, done.row.hash()), Fence::committed);
  EXPECT_EQ(books_.mine().fence(row, sha256("another batch")), Fence::voided);
  EXPECT_EQ(balance(a_), 990);
}

TEST_F(LedgerStore, FenceConnectsAgainWhenItMust) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  books_.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
      " AND pid <> pg_backend_pid()");
  auto fenced = books_.mine().fence(void_row(), lost.row.hash());
  if (!fenced) fenced = books_.mine().fence(void_row(), lost.row.hash());
  EXPECT_EQ(fenced, Fence::voided);
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
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stuck.commit();
  });
  EXPECT_EQ(books_.mine().fence(void_row(), lost.row.hash()), Fence::committed);
}

TEST_F(LedgerStore, FenceDoesNotGuessAboutATransactionThatIsStuck) {
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  StuckBackend stuck(books_, lost);
  stuck.insert();
  const auto unsettled = books_.mine().fence(void_row(), lost.row.hash());
  ASSERT_FALSE(unsettled) << "neither committed nor void yet";
  stuck.commit();
  EXPECT_EQ(books_.mine().fence(void_row(), lost.row.hash()), Fence::committed);
}

// A store behind a gate, with short timeouts.
class GatedStore {
 public:
  explicit GatedStore(const Books& books)
      : gate_(server_dir(books.url())), store_(options(books.url(), gate_.dir())) {
    if (!store_.connect()) throw std::runtime_error("no connection through the gate");
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
  const Plan lost = books_.plan({Books::pay(a_, b_, 10)});
  // The COMMIT does not arrive, nor does the end of the connection: no timeout of the server runs.
  gated.gate().fall_silent_at(Gate::Direction::to_server, std::string("commit\0COMMIT", 13));
  EXPECT_EQ(kind_of(gated.store().commit(lost)), Kind::lost);
  EXPECT_EQ(books_.number("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                          " WHERE l.locktype = 'transactionid' AND a.datname = current_database()"
                          " AND a.wait_event = 'ClientRead'"),
            1)
      << "it holds its locks";
  std::optional<Fence> settled;
  for (int i = 0; i < 5 && !settled; ++i)
    if (const auto fence = gated.store().fence(void_row(), lost.row.hash())) settled = *fence;
  EXPECT_EQ(settled, Fence::voided);
  ++books_.position().seq;
  EXPECT_EQ(balance(a_), 1'000);
}

TEST_F(LedgerStore, AnswersThatNobodyWaitedForAreNotTakenForLaterOnes) {
  GatedStore gated(books_);
  ASSERT_TRUE(gated.store().load({.accounts = {a_}}));
  ASSERT_TRUE(gated.store().confirm({}));
  Plan stale = books_.plan({Books::pay(a_, b_, 10)});
  for (Account& account : stale.changed) account.version += 5;
  // The error arrives, the rest of the pipeline's answers does not.
  gated.gate().fall_silent_at(Gate::Direction::to_client, std::string("Z\0\0\0\5", 5));
  const Kind kind = kind_of(gated.store().commit(stale));
  EXPECT_TRUE(kind == Kind::conflict || kind == Kind::lost);
  ASSERT_TRUE(gated.store().connect());
  const Plan fresh = books_.plan({Books::pay(a_, b_, 10)});
  ASSERT_TRUE(gated.store().commit(fresh));
  EXPECT_EQ(balance(a_), 990) << "success means that it happened";
}

TEST_F(LedgerStore, ALostConnectionIsToldAndReplaced) {
  const Plan plan = books_.plan({Books::pay(a_, b_, 10)});
  const auto end_all = [&] {
    books_.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()");
  };
  end_all();
  EXPECT_EQ(kind_of(commit(plan)), Kind::lost);
  EXPECT_EQ(books_.mine().fence(void_row(), plan.row.hash()), Fence::voided);
  ++books_.position().seq;
  books_.position().prev_hash = void_row().hash();

  ASSERT_TRUE(books_.mine().load({.accounts = {a_}}));
  end_all();
  EXPECT_EQ(kind_of(books_.mine().confirm({.relied_on = {Account{.id = a_}}})), Kind::lost);
  ASSERT_TRUE(books_.mine().connect());
  EXPECT_TRUE(books_.mine().load({.accounts = {a_}}));
}

// As after a process was stopped for longer than the server's patience.
TEST_F(LedgerStore, ABackendEndedForIdlenessIsALostConnection) {
  PgStore store({books_.url(), "instapay_transaction", "instapay tests"});
  ASSERT_TRUE(store.connect());
  ASSERT_TRUE(store.load({.accounts = {a_}}));
  std::this_thread::sleep_for(std::chrono::milliseconds(10'500));
  const auto again = store.load({.accounts = {a_}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Kind::lost);
  ASSERT_TRUE(store.connect());
  EXPECT_TRUE(store.load({.accounts = {a_}}));
}

}  // namespace
}  // namespace instapay::testing
