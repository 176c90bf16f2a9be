#pragma once
// Books of their own for the ledger's tests: another database in the tests' cluster, migrated, and
// a hand to plan and commit batches in it.
#include "core/random.h"
#include "core/time.h"
#include "ledger/pg_store.h"
#include "pg/database.h"

namespace instapay::testing {

using namespace ledger;  // NOLINT: tests of the ledger

class Books {
 public:
  Books() : name_("books_" + std::to_string(++made())) {
    exec(Database::connect(), "CREATE DATABASE " + name_);
    auto owner = open("");
    if (const auto migrated = pg::migrate(owner); !migrated)
      throw std::runtime_error(migrated.error());
    begin_again();
  }

  /// Another connection and a chain of its own, whatever became of the last ones.
  void begin_again() {
    store_ = store();
    if (!store_->connect()) throw std::runtime_error("no connection");
    const std::int32_t chain = store_->open_chain().value();
    position_ = {chain, 1, genesis_hash(chain)};
  }

  std::string url() const {
    std::string text = Database::url();
    const std::string from = "dbname=postgres";
    return text.replace(text.find(from), from.size(), "dbname=" + name_);
  }
  pg::Connection open(const std::string& role) const {
    auto connection =
        pg::Connection::open({url(), role.empty() ? role : "instapay_" + role, "instapay tests"});
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
  }
  std::unique_ptr<PgStore> store() const {
    return std::make_unique<PgStore>(
        pg::ConnectOptions{url(), "instapay_transaction", "instapay tests"});
  }
  PgStore& mine() { return *store_; }
  Position& position() { return position_; }

  static void exec(pg::Connection db, const std::string& sql) {
    if (auto done = db.exec(sql); !done)
      throw std::runtime_error(sql + ": " + done.error().message);
  }
  void sql(const std::string& text) const { exec(open(""), text); }
  std::int64_t number(std::string_view text) const {
    auto db = open("");
    return rows_of(db.query({"number", text})).int64(0, 0);
  }

  Uuid wallet() const {
    auto db = open("");
    const Uuid id = Uuid::v7(now_us());
    rows_of(db.query({"wallet", "INSERT INTO accounts (id, kind) VALUES ($1::uuid, 0)"},
                     pg::Params().add(id)));
    return id;
  }
  /// With money, by an adjustment in a batch of its own.
  Uuid wallet(std::int64_t balance_minor) {
    const Uuid id = wallet();
    commit({give(id, balance_minor)});
    return id;
  }
  static Order give(const Uuid& id, std::int64_t amount_minor) {
    return {.payer = kSettlementAccount,
            .payee = id,
            .amount_minor = amount_minor,
            .kind = TransferKind::adjustment};
  }
  static Order pay(const Uuid& payer, const Uuid& payee, std::int64_t amount_minor, int key = 0) {
    Order order{.payer = payer, .payee = payee, .amount_minor = amount_minor, .note = "tea"};
    if (key != 0) order.key = Hash128{static_cast<std::uint8_t>(key), 7};
    order.request_hash = Hash128{1};
    return order;
  }

  static LoadRequest request_for(const std::vector<Order>& orders) {
    LoadRequest request;
    for (const Order& order : orders) {
      request.accounts.push_back(order.payer);
      request.accounts.push_back(order.payee);
      if (order.key) request.keys.push_back({order.payer, *order.key});
    }
    make_ordered_set(request.accounts);
    return request;
  }
  /// What is in the books now, as another connection reads it: locks nothing.
  Known read(const std::vector<Order>& orders) const {
    auto other = store();
    other->connect();
    LoadRequest request = request_for(orders);
    request.keys.clear();
    return other->load(request).value();
  }
  Plan plan(const std::vector<Order>& orders, Known known) const {
    std::vector<SubmissionPtr> submissions;
    submissions.push_back(std::make_unique<Submission>());
    submissions.back()->orders = orders;
    Position position = position_;
    fill_random(position.secret.data(), position.secret.size());
    return plan_batch(submissions, std::move(known), {}, position, now_us());
  }
  Plan plan(const std::vector<Order>& orders) const { return plan(orders, read(orders)); }
  void advance(const Plan& done) {
    position_ = {position_.chain_id, position_.seq + 1, done.row.hash()};
  }
  Plan commit(const std::vector<Order>& orders) {
    Plan made = plan(orders);
    if (auto committed = store_->commit(made); !committed)
      throw std::runtime_error("commit failed: " +
                               std::to_string(static_cast<int>(committed.error().kind)));
    advance(made);
    return made;
  }

 private:
  static std::atomic<int>& made() {
    static std::atomic<int> count = 0;
    return count;
  }
  std::string name_;
  std::unique_ptr<PgStore> store_;
  Position position_;
};

}  // namespace instapay::testing
