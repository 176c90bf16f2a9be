#include "ledger/store/pg_store.h"

#include <algorithm>

#include "core/check.h"
#include "ledger/store/batch_rows.h"
#include "ledger/store/pg_prelude.h"
#include "ledger/store/rows.h"
#include "queries/ledger.h"
#include "telemetry/log.h"

namespace instapay::ledger {
namespace {

using Step = pg::Connection::Step;

constexpr pg::Statement kBegin{"begin", "BEGIN"};
constexpr pg::Statement kCommit{"commit", "COMMIT"};
constexpr pg::Statement kRollback{"rollback", "ROLLBACK"};
// What was written before the entries it follows from is checked now, not by COMMIT.
constexpr pg::Statement kCheckAwaited{"check_awaited", "SET CONSTRAINTS ALL IMMEDIATE"};

// SQLSTATEs of our own functions (db/migrations).
constexpr std::string_view kOwnStates = "IP", kRowsMissing = "IP001", kClockSkew = "IP004",
                           kDoesNotFollow = "IP005", kNotPayable = "IP008", kNotOfHold = "IP010",
                           kNotAllowed = "IP012";

// Plans for arrays of unknown length, made once. An abandoned transaction must not hold its locks
// for ever.
constexpr std::string_view kSettings =
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET enable_seqscan = off; SET jit = off;"
    "SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '3s';"
    // The server must notice soon when we are gone: half a pipeline has no timeout of its own.
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = '10s';";

std::string_view view(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
std::vector<T> column(const auto& source, auto get) {
  std::vector<T> values;
  values.reserve(source.size());
  for (const auto& item : source) values.push_back(get(item));
  return values;
}

std::optional<Amount> optional_amount(std::optional<std::int64_t> minor) {
  return minor ? std::optional(Amount{*minor}) : std::nullopt;
}

// As it was asked for on the day of `now`.
Account account_of(const queries::ledger::LoadAccountsRow& row, Time now) {
  Account account;
  account.id = {row.id};
  account.kind = static_cast<AccountKind>(row.kind);
  account.status = static_cast<AccountStatus>(row.status);
  account.frozen_by_owner = row.frozen_by_owner;
  account.unverified = row.unverified;
  account.limits = {optional_amount(row.transfer_limit), optional_amount(row.daily_limit)};
  account.seq = {row.seq};
  account.balance = {row.balance};
  account.held = {row.held};
  account.sent_today = {row.sent_today};
  account.last_entry = {row.last_entry_at.value_or(0)};
  account.sent_day = day_of(account.last_entry);
  if (!knows_day_of(account, now)) account.sent_day = day_of(now);  // it was counted anew
  return account;
}

Step load_accounts(const LoadRequest& request) {
  pg::Params params;
  params.add_array(column<Uuid>(request.accounts, [](const AccountId& id) { return id.uuid; }));
  params.add_time(day_of(request.now).begins().us).add_time(request.now.us + kClockTolerance_us);
  params.add(request.unverified);
  return {queries::ledger::load_accounts, std::move(params)};
}

Step lock_accounts(const LoadRequest& request) {
  pg::Params params;
  params.add_array(column<Uuid>(request.accounts, [](const AccountId& id) { return id.uuid; }));
  return {queries::ledger::lock_accounts, std::move(params)};
}

Step find_keys(const LoadRequest& request) {
  const auto& keys = request.keys;
  pg::Params params;
  params.add_array(column<Uuid>(keys, [](const KeyRequest& k) { return k.key.principal; }))
      .add_bytes_array(
          column<std::string_view>(keys, [](const KeyRequest& k) { return view(k.key.key); }))
      .add_array(column<std::int32_t>(keys, [](const KeyRequest& k) { return k.orders; }));
  return {queries::ledger::find_keys, std::move(params)};
}

Step refunded_amounts(const LoadRequest& request) {
  const auto& refunds = request.refunds;
  pg::Params params;
  params.add_array(column<Uuid>(refunds, [](const RefundKey& k) { return k.receiver.uuid; }))
      .add_array(column<Uuid>(refunds, [](const RefundKey& k) { return k.transfer_id; }));
  return {queries::ledger::refunded_amounts, std::move(params)};
}

Step find_payables(const LoadRequest& request) {
  pg::Params params;
  params.add_array(request.requests);
  return {queries::ledger::find_payables, std::move(params)};
}

Step find_holds(const LoadRequest& request) {
  pg::Params params;
  params.add_array(request.holds);
  return {queries::ledger::find_holds, std::move(params)};
}

Step check_heads(const Plan& plan) {
  pg::Params params;
  params.add_array(column<Uuid>(plan.relied_on, [](const Account& a) { return a.id.uuid; }))
      .add_array(
          column<std::int64_t>(plan.relied_on, [](const Account& a) { return a.seq.value; }));
  return {queries::ledger::check_heads, std::move(params)};
}

Step write_settings(const Plan& plan) {
  const auto& accounts = plan.settings;
  const auto limit = [&](auto member) {
    return column<std::optional<std::int64_t>>(accounts, [=](const Account& a) {
      const auto& own = a.limits.*member;
      return own ? std::optional(own->minor) : std::nullopt;
    });
  };
  pg::Params params;
  params.add_array(column<Uuid>(accounts, [](const Account& a) { return a.id.uuid; }))
      .add_array(column<std::int16_t>(
          accounts, [](const Account& a) { return static_cast<std::int16_t>(a.status); }))
      .add_array(limit(&OwnLimits::per_transfer))
      .add_array(limit(&OwnLimits::per_day))
      .add_array(column<std::int16_t>(
          accounts, [](const Account& a) { return static_cast<std::int16_t>(a.frozen_by_owner); }));
  return {queries::ledger::write_settings, std::move(params)};
}

Step insert_batch_entries(const Plan& plan) {
  return {queries::ledger::insert_batch_entries, batch_params(plan)};
}

Step insert_void_batch(const BatchRow& row) {
  pg::Params params;
  params.add(row.chain_id).add(row.seq).add(view(row.prev_hash)).add(view(row.merkle_root));
  params.add(view(row.hash())).add_time(row.committed.us);
  return {queries::ledger::insert_void_batch, std::move(params)};
}

// Rows come in the order of the request's keys, and of the entries' numbers.
void read_keys(const pg::TypedRows<queries::ledger::FindKeysRow>& rows, const LoadRequest& request,
               Known& known) {
  for (const auto& row : rows) {
    const auto index = static_cast<std::size_t>(row.index) - 1;
    const Transfer transfer = entry_of(row).transfer;
    FirstAnswer& answer = known.keys[request.keys.at(index).key];
    if (answer.transfers.empty()) {
      CHECK(transfer.key.has_value());
      answer.request = transfer.key->request;
      answer.refused_items = transfer.refused_items;
    }
    answer.transfers.push_back(transfer);
  }
}

void read_refunds(const pg::TypedRows<queries::ledger::RefundedAmountsRow>& rows, Known& known) {
  for (const auto& row : rows)
    known.refundables.emplace(
        RefundKey{{row.account_id}, row.transfer_id},
        Refundable{
            {row.payer_id}, {row.received}, {row.refunded}, static_cast<EntryKind>(row.kind)});
}

void read_payables(const pg::TypedRows<queries::ledger::FindPayablesRow>& rows, Known& known) {
  for (const auto& row : rows) {
    Payable payable{.payee = {row.payee_id}, .amount = optional_amount(row.amount)};
    if (row.payer_id) payable.payer = AccountId{*row.payer_id};
    if (row.expires_at) payable.expires = Time{*row.expires_at};
    payable.status = static_cast<RequestStatus>(row.status);
    known.payables.emplace(row.id, payable);
  }
}

void read_holds(const pg::TypedRows<queries::ledger::FindHoldsRow>& rows, Known& known) {
  for (const auto& row : rows)
    known.holds.emplace(row.id, Hold{.payer = {row.payer_id},
                                     .payee = {row.payee_id},
                                     .amount = {row.amount},
                                     .captured = {row.captured},
                                     .expires = {row.expires_at},
                                     .status = static_cast<HoldStatus>(row.status)});
}

}  // namespace

PgStore::PgStore(pg::ConnectOptions options) : options_(std::move(options)) {
  options_.settings += kSettings;
}

Store::Connected PgStore::connect() {
  if (connection_ && !connection_->broken()) return Connected::as_before;
  connection_.reset();
  open_ = Open::nothing;
  auto opened = pg::Connection::open(options_);
  if (!opened) return Connected::no;
  connection_.emplace(std::move(*opened));
  backend_pid_ = connection_->backend_pid();
  // A standby that has not replayed everything would tell of less than there is.
  const auto standby = connection_->query(queries::ledger::is_standby);
  if (standby && !standby->front().standby) return Connected::anew;
  connection_.reset();
  return Connected::no;
}

StoreFailure PgStore::explain(const pg::Failure& failure, const pg::Statement* prelude) {
  using Kind = StoreFailure::Kind;
  open_ = Open::nothing;
  // A COMMIT that ends in an error, or is followed by one, says nothing for certain: the fence
  // finds out. Only what our own checks refuse there is certain not to have happened.
  const bool at_commit = failure.statement == kCommit.name || failure.statement == pg::kAtSync;
  if (failure.kind != pg::Failure::Kind::sql ||
      (at_commit && !failure.sqlstate.starts_with(kOwnStates))) {
    log::warn("ledger connection lost", {{"error.message", failure.message}});
    connection_.reset();
    lost_backends_.push_back(backend_pid_);
    return {Kind::lost};
  }
  if (prelude != nullptr && failure.statement == prelude->name &&
      (failure.sqlstate[0] == '2' || failure.is(kNotAllowed)))
    return {Kind::prelude_refused, failure.constraint};
  if (failure.is(kRowsMissing) || failure.is(pg::kSerializationFailure) ||
      failure.is(pg::kDeadlock) || failure.is(pg::kLockNotAvailable))
    return {Kind::conflict};
  if (failure.is(kDoesNotFollow)) return {Kind::does_not_follow};
  if (failure.is(kClockSkew)) return {Kind::clock_skew};
  if (failure.is(kNotPayable) || failure.is(kNotOfHold)) return {Kind::request_changed};
  if (failure.is(pg::kUniqueViolation)) {
    if (failure.constraint == "entries_pkey") return {Kind::conflict};
    if (failure.constraint == "entries_idempotency") return {Kind::duplicate_key};
    if (failure.constraint == "entries_requests") return {Kind::request_changed};
    if (failure.constraint == "ledger_batches_pkey") return {Kind::chain_taken};
  }
  const bool timed_out = failure.is(pg::kQueryCanceled);
  const bool resources = failure.sqlstate.starts_with("53") || failure.sqlstate.starts_with("57") ||
                         failure.sqlstate.starts_with("58") || failure.is("25006");
  log::error("ledger statement failed", {{"event.action", failure.statement},
                                         {"error.code", failure.sqlstate},
                                         {"error.message", failure.message}});
  return {timed_out                   ? Kind::timed_out
          : failure.is(pg::kDiskFull) ? Kind::disk_full
          : resources                 ? Kind::unavailable
                                      : Kind::broken,
          failure.constraint};
}

StoreResult<std::int32_t> PgStore::open_chain(std::string_view currency) {
  auto rows = connection_->query(queries::ledger::next_chain, pg::Params().add(currency));
  if (!rows) return std::unexpected(explain(rows.error()));
  return rows->front().chain_id;
}

StoreResult<Hash256> PgStore::find_batch(std::int32_t chain_id, std::int64_t seq) {
  auto rows = connection_->query(queries::ledger::find_batch, pg::Params().add(chain_id).add(seq));
  if (!rows) return std::unexpected(explain(rows.error()));
  return rows->empty() ? Hash256{} : hash_of(rows->front().hash);
}

StoreResult<bool> PgStore::has_batch(const BatchRef& batch) {
  const auto found = find_batch(batch.chain_id, batch.seq);
  if (!found) return std::unexpected(found.error());
  return *found == batch.hash;
}

StoreResult<Time> PgStore::clock() {
  auto rows = connection_->query(queries::ledger::clock);
  if (!rows) return std::unexpected(explain(rows.error()));
  return Time{rows->front().now};
}

StoreResult<Known> PgStore::load(const LoadRequest& request) {
  if (auto undone = roll_back(); !undone) return std::unexpected(undone.error());
  const auto* prelude = static_cast<const PgPrelude*>(request.prelude);
  const bool transaction = request.lock || prelude != nullptr;
  std::vector<Step> steps;
  if (transaction) steps.push_back({kBegin});
  if (prelude != nullptr) steps.push_back(prelude->step);
  if (request.lock) steps.push_back(lock_accounts(request));
  const std::size_t first = steps.size();
  steps.push_back(load_accounts(request));
  if (!request.keys.empty()) steps.push_back(find_keys(request));
  // After the accounts: a refund in between makes the write collide, one before would be missed.
  if (!request.refunds.empty()) steps.push_back(refunded_amounts(request));
  if (!request.requests.empty()) steps.push_back(find_payables(request));
  if (!request.holds.empty()) steps.push_back(find_holds(request));
  auto results = connection_->pipeline(steps);
  if (!results)
    return std::unexpected(
        explain(results.error(), prelude != nullptr ? &prelude->step.statement : nullptr));
  if (transaction) open_ = Open::transaction;

  Known known;
  auto rows = results->begin() + static_cast<std::ptrdiff_t>(first);
  for (const auto& row : pg::typed(queries::ledger::load_accounts, std::move(*rows))) {
    Account account = account_of(row, request.now);
    known.accounts.emplace(account.id, std::move(account));
  }
  if (!request.keys.empty())
    read_keys(pg::typed(queries::ledger::find_keys, std::move(*++rows)), request, known);
  if (!request.refunds.empty())
    read_refunds(pg::typed(queries::ledger::refunded_amounts, std::move(*++rows)), known);
  if (!request.requests.empty())
    read_payables(pg::typed(queries::ledger::find_payables, std::move(*++rows)), known);
  if (!request.holds.empty())
    read_holds(pg::typed(queries::ledger::find_holds, std::move(*++rows)), known);
  return known;
}

StoreResult<void> PgStore::write_ahead(const Plan& plan) {
  if (auto undone = roll_back(); !undone) return undone;
  const Step steps[] = {{kBegin}, insert_batch_entries(plan)};
  auto results = connection_->pipeline(steps);
  if (!results) return std::unexpected(explain(results.error()));
  open_ = Open::written;
  return {};
}

StoreResult<void> PgStore::commit(const Plan& plan) {
  // A statement that is sent alone is a transaction of its own.
  const bool alone = open_ == Open::nothing && plan.relied_on.empty() && plan.settings.empty();
  std::vector<Step> steps;
  if (open_ == Open::nothing && !alone) steps.push_back({kBegin});
  // Rows of `accounts` before entries: the order in which contested accounts are locked and
  // written.
  if (!plan.settings.empty()) steps.push_back(write_settings(plan));
  if (open_ != Open::written) steps.push_back(insert_batch_entries(plan));
  if (!plan.relied_on.empty()) steps.push_back(check_heads(plan));
  if (open_ == Open::written) steps.push_back({kCheckAwaited});
  if (!alone) steps.push_back({kCommit});
  auto results = connection_->pipeline(steps);
  if (results) {
    open_ = Open::nothing;
    return {};
  }
  return std::unexpected(explain_in_transaction(results.error()));
}

StoreResult<void> PgStore::roll_back() {
  if (open_ == Open::nothing) return {};
  if (auto undone = connection_->exec("ROLLBACK"); !undone) {
    const StoreFailure failure = explain(undone.error());
    connection_.reset();  // whatever is open ends with it
    return std::unexpected(failure);
  }
  open_ = Open::nothing;
  return {};
}

// A failure inside an open transaction leaves it open and aborted. Losing the connection after the
// server had refused a statement is no doubt: it rolled back.
StoreFailure PgStore::explain_in_transaction(const pg::Failure& failure) {
  if (failure.kind == pg::Failure::Kind::sql) static_cast<void>(roll_back());
  return explain(failure);
}

StoreResult<void> PgStore::confirm(const Plan& plan) {
  std::vector<Step> steps;
  if (!plan.relied_on.empty()) steps.push_back(check_heads(plan));
  if (open_ != Open::nothing) steps.push_back({kRollback});
  // What is replayed was read, and may not be on the standby yet.
  if (plan.replayed) steps.push_back({queries::ledger::barrier});
  if (steps.empty()) return {};
  auto results = connection_->pipeline(steps);
  if (!results) return std::unexpected(explain_in_transaction(results.error()));
  open_ = Open::nothing;
  return {};
}

StoreResult<Fence> PgStore::fence(const BatchRow& void_row, const Hash256& hash) {
  const Step step = insert_void_batch(void_row);
  auto inserted = connection_->query(step.statement, step.params);
  if (inserted) {
    lost_backends_.clear();
    return Fence::voided;
  }
  const StoreFailure failure = explain(inserted.error());
  if (failure.kind != StoreFailure::Kind::chain_taken) {
    end_lost_backends();
    return std::unexpected(failure);
  }
  const auto found = find_batch(void_row.chain_id, void_row.seq);
  if (!found) return std::unexpected(found.error());
  if (*found == Hash256{}) return std::unexpected(StoreFailure{StoreFailure::Kind::unavailable});
  // The row may be there, but only here: its own COMMIT may still wait for the standby.
  if (auto durable = connection_->query(queries::ledger::barrier); !durable)
    return std::unexpected(explain(durable.error()));
  lost_backends_.clear();
  if (*found == hash) return Fence::committed;
  // Our own mark, from a fence whose answer was lost; or numbers were given out again after a
  // failover.
  return *found == void_row.hash() ? Fence::voided : Fence::chain_taken;
}

// The mark waits for a backend that still has our lost transaction open, with its locks: half a
// pipeline behind a dead proxy would be waited for for ever. Whether it ends by COMMIT or by us,
// the next fence() finds out. Only the login role may end its own backends.
void PgStore::end_lost_backends() {
  if (!connection_) return;
  std::string sql = "RESET ROLE;";
  for (const int pid : lost_backends_)
    sql += "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = " +
           std::to_string(pid) +
           " AND pid <> pg_backend_pid() AND usename = session_user"
           " AND application_name = current_setting('application_name');";
  if (!options_.role.empty()) sql += "SET ROLE " + options_.role;
  if (auto ended = connection_->exec(sql); !ended) connection_.reset();
}

}  // namespace instapay::ledger
