#pragma once
// Books of their own for the ledger's tests: another database in the tests' cluster, migrated, and
// a hand to plan and commit batches in it.
#include "core/random.h"
#include "core/time.h"
#include "ledger/proof/merkle.h"
#include "ledger/store/pg_prelude.h"
#include "ledger/store/pg_store.h"
#include "pg/database.h"

namespace instapay::testing {

using namespace ledger;  // NOLINT: tests of the ledger

/// A submission to be. `key`: a number that stands for its idempotency key, 0: none; `content`: for
/// what the request says.
struct Request {
  std::vector<Order> orders;
  std::uint8_t key = 0;
  bool atomic = false;
  std::optional<Time> now = {};
  std::uint8_t content = 1;

  RequestKey request_key() const {
    const Order& order = orders.at(0);
    const Uuid principal = order.actor == Uuid{} ? order.payer.uuid : order.actor;
    return {principal, Hash128{key, 7}, Hash128{content}};
  }
};
using Requests = std::vector<Request>;

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
    const std::int32_t chain = store_->open_chain(Terms{}.currency).value();
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
  /// Connected, as the service of that name.
  std::unique_ptr<PgStore> store(const std::string& service = "transaction") const {
    auto made = std::make_unique<PgStore>(
        pg::ConnectOptions{url(), "instapay_" + service, "instapay tests"});
    if (made->connect() != Store::Connected::anew) throw std::runtime_error("no connection");
    return made;
  }
  PgStore& mine() { return *store_; }
  Position& position() { return position_; }

  static void exec(pg::Connection db, const std::string& sql) {
    if (auto done = db.exec(sql); !done)
      throw std::runtime_error(sql + ": " + done.error().message);
  }
  void sql(const std::string& text) const { exec(open(""), text); }
  /// The SQLSTATE that the statements end with, "" when they succeed; nothing stays of them.
  std::string state_of(const std::string& role, const std::string& sql) const {
    auto db = open(role);
    if (!db.exec("BEGIN")) return "no transaction";
    const auto done = db.exec(sql);
    std::ignore = db.exec("ROLLBACK");
    return done ? "" : done.error().sqlstate;
  }
  std::int64_t number(std::string_view text) const {
    auto db = open("");
    return rows_of(db.query({"number", text})).int64(0, 0);
  }
  std::string text(std::string_view sql) const {
    auto db = open("");
    return std::string(rows_of(db.query({"text", sql})).text(0, 0));
  }
  std::int64_t balance(const AccountId& id) const {
    return number("SELECT balance FROM account_states WHERE id = '" + id.to_string() + "'");
  }
  std::int64_t entries_of(const AccountId& id) const {
    return number("SELECT count(*) FROM entries WHERE account_id = '" + id.to_string() + "'");
  }

  AccountId wallet() const {
    auto db = open("");
    const AccountId id{Uuid::v7(now_us())};
    rows_of(db.query({"wallet", "INSERT INTO accounts (id, kind) VALUES ($1::uuid, 0)"},
                     pg::Params().add(id.uuid)));
    return id;
  }
  /// With money, by an adjustment in a batch of its own.
  AccountId wallet(std::int64_t balance_minor) {
    const AccountId id = wallet();
    commit({give(id, balance_minor)});
    return id;
  }
  static Request give(const AccountId& id, std::int64_t minor) {
    return {{{.payer = kSettlementAccount,
              .payee = id,
              .amount = {minor},
              .kind = EntryKind::adjustment}}};
  }
  static Request pay(const AccountId& payer, const AccountId& payee, std::int64_t minor,
                     std::uint8_t key = 0) {
    return {{{.payer = payer, .payee = payee, .amount = {minor}, .note = "tea"}}, key};
  }
  static Request hold(const AccountId& payer, const AccountId& payee, std::int64_t minor,
                      std::int64_t life_us = kDay_us) {
    Request held{{{.payer = payer, .payee = payee, .amount = {minor}, .kind = EntryKind::hold}}};
    held.orders[0].note = "deposit";
    held.orders[0].expires = Time{now_us() + life_us};
    return held;
  }
  /// By its payee; as much as is left where no amount is given.
  static Request capture(const Transfer& hold, std::int64_t minor = 0, bool final = false) {
    Request request = of_hold(EntryKind::capture, hold, minor);
    request.orders[0].final = final;
    return request;
  }
  static Request release(const Transfer& hold) { return of_hold(EntryKind::release, hold, 0); }
  static Request of_hold(EntryKind kind, const Transfer& hold, std::int64_t minor) {
    return {{{.payer = hold.payer,
              .payee = hold.payee,
              .amount = {minor},
              .kind = kind,
              .reference = hold.id,
              .actor = hold.payee.uuid}}};
  }
  static Request control(const AccountId& account, const Control& control) {
    return {{{.payer = account,
              .kind = EntryKind::control,
              .actor = kCommandLine,
              .control = control}}};
  }
  static Request refund(const AccountId& receiver, const AccountId& payer, std::int64_t minor,
                        const Uuid& transfer) {
    return {{{.payer = receiver,
              .payee = payer,
              .amount = {minor},
              .kind = EntryKind::refund,
              .refund_of = transfer}}};
  }

  /// Accounts and keys, and what is refunded.
  static LoadRequest request_for(const Requests& requests) {
    LoadRequest request;
    request.now = {now_us()};
    for (const Request& each : requests) {
      for (const Order& order : each.orders) {
        request.accounts.push_back(order.payer);
        if (order.payee != AccountId{}) request.accounts.push_back(order.payee);
        if (order.kind == EntryKind::refund)
          request.refunds.push_back({order.payer, order.refund_of});
        if (pays_request(order)) request.requests.push_back(order.reference);
        if (needs_hold(order)) request.holds.push_back(order.reference);
      }
      if (each.now) request.now = *each.now;
      if (each.key != 0)
        request.keys.push_back(
            {owned(each.request_key()), static_cast<std::int32_t>(each.orders.size())});
    }
    make_ordered_set(request.accounts);
    return request;
  }
  /// What is in the books now, as another connection reads it, without keys: locks nothing.
  Known read(const Requests& requests) const {
    LoadRequest request = request_for(requests);
    request.keys.clear();
    return store()->load(request).value();
  }
  Plan plan(const Requests& requests, Known known) const {
    std::vector<SubmissionPtr> submissions;
    for (const Request& each : requests) {
      auto& submission = *submissions.emplace_back(std::make_unique<Submission>());
      submission.orders = each.orders;
      submission.atomic = each.atomic;
      submission.now = each.now;
      if (each.key != 0) submission.key = each.request_key();
    }
    Position position = position_;
    fill_random(position.secret.data(), position.secret.size());
    return plan_batch(submissions, std::move(known), {}, position, {now_us()});
  }
  Plan plan(const Requests& requests) const { return plan(requests, read(requests)); }
  void advance(const Plan& done) {
    position_ = {position_.chain_id, position_.seq + 1, done.row.hash()};
  }
  Plan commit(const Requests& requests) { return commit(requests, *store_); }
  Plan commit(const Requests& requests, Store& store) {
    Plan made = plan(requests);
    if (made.empty()) throw std::runtime_error("all was refused");
    if (auto committed = store.commit(made); !committed)
      throw std::runtime_error("commit failed: " +
                               std::to_string(static_cast<int>(committed.error().kind)));
    advance(made);
    return made;
  }

  /// What would stand in place of the next batch.
  BatchRow void_row() const {
    return {position_.chain_id, position_.seq, position_.prev_hash, merkle_root({}), 0, true,
            {now_us()}};
  }
  /// A void mark as the next row of the chain.
  void void_next() {
    const BatchRow row = void_row();
    if (store_->fence(row, {}) != Fence::voided) throw std::runtime_error("not voided");
    position_ = {row.chain_id, row.seq + 1, row.hash()};
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
