#include "ledger/pg_store.h"

#include <algorithm>

#include "queries.h"
#include "telemetry/log.h"

namespace instapay::ledger {
namespace {

using Step = pg::Connection::Step;

constexpr pg::Statement kBegin{"begin", "BEGIN"};
constexpr pg::Statement kCommit{"commit", "COMMIT"};
constexpr pg::Statement kRollback{"rollback", "ROLLBACK"};

// SQLSTATEs of our own functions (db/migrations).
constexpr std::string_view kRowsMissing = "IP001";

// A plan for arrays of unknown length is a nested loop in the arrays' order: rows are locked in
// the order of id, so that writers queue up instead of deadlocking. An abandoned transaction must
// not hold its locks for ever.
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

template <class T, class Source, class Get>
std::vector<T> column(const Source& source, Get get) {
  std::vector<T> values;
  values.reserve(source.size());
  for (const auto& item : source) values.push_back(get(item));
  return values;
}

template <std::size_t N>
std::array<std::uint8_t, N> fixed(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, N> out{};
  std::copy_n(bytes.begin(), std::min(N, bytes.size()), out.begin());
  return out;
}

Account account_of(const pg::Rows& rows, int row) {
  Account account;
  account.id = rows.uuid(row, 0);
  account.kind = static_cast<AccountKind>(rows.int64(row, 1));
  account.status = static_cast<AccountStatus>(rows.int64(row, 2));
  account.balance_minor = rows.int64(row, 3);
  account.version = rows.int64(row, 4);
  account.sent_day = static_cast<std::int32_t>(rows.int64(row, 5));
  account.sent_today_minor = rows.int64(row, 6);
  account.transfer_limit_minor = rows.optional_int64(row, 7);
  account.daily_limit_minor = rows.optional_int64(row, 8);
  account.last_entry_us = rows.time_us(row, 9);
  return account;
}

Step write_accounts(const Plan& plan) {
  pg::Params params;
  params.add_array(column<Uuid>(plan.changed, [](const Account& a) { return a.id; }))
      .add_array(column<std::int64_t>(plan.changed, [](const Account& a) { return a.version; }))
      .add_array(
          column<std::int64_t>(plan.changed, [](const Account& a) { return a.balance_minor; }))
      .add_array(column<std::int32_t>(plan.changed, [](const Account& a) { return a.sent_day; }))
      .add_array(
          column<std::int64_t>(plan.changed, [](const Account& a) { return a.sent_today_minor; }))
      .add_time_array(
          column<std::int64_t>(plan.changed, [](const Account& a) { return a.last_entry_us; }));
  return {queries::ledger::write_accounts, std::move(params)};
}

Step check_versions(const Plan& plan) {
  pg::Params params;
  params.add_array(column<Uuid>(plan.relied_on, [](const Account& a) { return a.id; }))
      .add_array(column<std::int64_t>(plan.relied_on, [](const Account& a) { return a.version; }));
  return {queries::ledger::check_versions, std::move(params)};
}

Step insert_entries(const Plan& plan) {
  const auto& t = plan.transfers;
  const auto number = [&](auto member) {
    return column<std::int64_t>(t, [=](const Transfer& x) { return x.*member; });
  };
  const auto id = [&](auto member) {
    return column<Uuid>(t, [=](const Transfer& x) { return x.*member; });
  };
  pg::Params params;
  params.add(plan.row.seq).add(plan.row.chain_id);
  params.add_array(id(&Transfer::id)).add_array(id(&Transfer::payer));
  params.add_array(id(&Transfer::payee)).add_array(number(&Transfer::amount_minor));
  params.add_array(number(&Transfer::payer_balance_minor));
  params.add_array(number(&Transfer::payee_balance_minor));
  params.add_time_array(number(&Transfer::created_us));
  params.add_array(
      column<std::int16_t>(t, [](const Transfer& x) { return static_cast<std::int16_t>(x.kind); }));
  params.add_uuid_or_null_array(id(&Transfer::refund_of));
  params.add_bytes_array(column<std::string_view>(
      t, [](const Transfer& x) { return x.key ? view(*x.key) : std::string_view(); }));
  params.add_bytes_array(column<std::string_view>(
      t, [](const Transfer& x) { return x.key ? view(x.request_hash) : std::string_view(); }));
  params.add_text_or_null_array(
      column<std::string_view>(t, [](const Transfer& x) { return std::string_view(x.note); }));
  return {queries::ledger::insert_entries, std::move(params)};
}

Step check_basis(const Plan& plan) {
  const auto& basis = plan.basis;
  pg::Params params;
  params.add_array(column<std::int32_t>(basis, [](const BatchRef& b) { return b.chain_id; }))
      .add_array(column<std::int64_t>(basis, [](const BatchRef& b) { return b.seq; }))
      .add_bytes_array(
          column<std::string_view>(basis, [](const BatchRef& b) { return view(b.hash); }));
  return {queries::ledger::check_basis, std::move(params)};
}

Step insert_batch(const BatchRow& row) {
  pg::Params params;
  params.add(row.chain_id).add(row.seq).add(view(row.prev_hash)).add(view(row.merkle_root));
  params.add(view(row.hash())).add(row.transfer_count).add(row.is_void).add_time(row.committed_us);
  params.add(view(row.secret));
  return {queries::ledger::insert_batch, std::move(params)};
}

Known known_of(const std::vector<pg::Rows>& results, const LoadRequest& request) {
  Known known;
  auto rows = results.begin() + 1 + (request.prelude != nullptr ? 1 : 0);
  for (int i = 0; i < rows->size(); ++i) {
    Account account = account_of(*rows, i);
    known.accounts.emplace(account.id, std::move(account));
  }
  ++rows;
  if (!request.keys.empty()) {
    for (int i = 0; i < rows->size(); ++i) {
      Transfer transfer = transfer_of(*rows, i);
      const KeyOfPayer key{transfer.payer, transfer.key.value_or(Hash128{})};
      known.keys.emplace(key, std::move(transfer));
    }
    ++rows;
  }
  if (!request.refunds.empty())
    for (int i = 0; i < rows->size(); ++i)
      known.refundables.emplace(RefundKey{rows->uuid(i, 0), rows->uuid(i, 1)},
                                Refundable{rows->uuid(i, 2), rows->int64(i, 3), rows->int64(i, 5),
                                           static_cast<TransferKind>(rows->int64(i, 4))});
  return known;
}

}  // namespace

Transfer transfer_of(const pg::Rows& rows, int row) {
  Transfer t;
  t.payer = rows.uuid(row, 0);
  if (!rows.is_null(row, 1)) {
    t.key = fixed<16>(rows.bytes(row, 1));
    t.request_hash = fixed<16>(rows.bytes(row, 2));
  }
  t.id = rows.uuid(row, 3);
  t.payee = rows.uuid(row, 4);
  t.amount_minor = rows.int64(row, 5);
  t.payer_balance_minor = rows.int64(row, 6);
  t.created_us = rows.time_us(row, 7);
  t.kind = static_cast<TransferKind>(rows.int64(row, 8));
  t.refund_of = rows.uuid(row, 9);
  t.note = rows.text(row, 10);
  t.chain_id = static_cast<std::int32_t>(rows.int64(row, 11));
  t.batch_seq = rows.int64(row, 12);
  t.position = static_cast<std::int32_t>(rows.int64(row, 13));
  return t;
}

PgStore::PgStore(pg::ConnectOptions options) : options_(std::move(options)) {
  options_.settings += kSettings;
}

bool PgStore::connect() {
  if (connection_ && !connection_->broken()) return true;
  connection_.reset();
  open_ = Open::nothing;
  auto opened = pg::Connection::open(options_);
  if (!opened) return false;
  connection_.emplace(std::move(*opened));
  backend_pid_ = connection_->backend_pid();
  return true;
}

StoreFailure PgStore::explain(const pg::Failure& failure, const pg::Statement* prelude) {
  using Kind = StoreFailure::Kind;
  open_ = Open::nothing;
  // A COMMIT that ends in an error, or is followed by one, says nothing for certain: the fence
  // finds out.
  if (failure.kind != pg::Failure::Kind::sql || failure.statement == kCommit.name ||
      failure.statement == pg::kAtSync) {
    log::warn("ledger connection lost", {{"error.message", failure.message}});
    connection_.reset();
    lost_backends_.push_back(backend_pid_);
    return {Kind::lost};
  }
  if (prelude != nullptr && failure.statement == prelude->name && failure.sqlstate[0] == '2')
    return {Kind::prelude_refused, failure.constraint};
  if (failure.is(kRowsMissing) || failure.is(pg::kSerializationFailure) ||
      failure.is(pg::kDeadlock) || failure.is("55P03"))
    return {Kind::conflict};
  if (failure.is(pg::kUniqueViolation) && failure.constraint == "entries_idempotency")
    return {Kind::duplicate_key};
  if (failure.is(pg::kUniqueViolation) && failure.constraint == "ledger_batches_pkey")
    return {Kind::chain_taken};
  const bool resources = failure.sqlstate.starts_with("53") || failure.sqlstate.starts_with("57") ||
                         failure.sqlstate.starts_with("58") || failure.is("25006");
  log::error("ledger statement failed", {{"event.action", failure.statement},
                                         {"error.code", failure.sqlstate},
                                         {"error.message", failure.message}});
  return {resources ? Kind::unavailable : Kind::broken, failure.constraint};
}

StoreResult<std::int32_t> PgStore::open_chain() {
  auto rows = connection_->query(queries::ledger::next_chain);
  if (!rows) return std::unexpected(explain(rows.error()));
  return static_cast<std::int32_t>(rows->int64(0, 0));
}

StoreResult<Known> PgStore::load(const LoadRequest& request) {
  if (auto undone = roll_back(); !undone) return std::unexpected(undone.error());
  std::vector<Step> steps{{kBegin}};
  if (request.prelude != nullptr) steps.push_back(*request.prelude);
  pg::Params ids;
  ids.add_array(request.accounts);
  steps.push_back({queries::ledger::load_accounts, std::move(ids)});
  if (!request.keys.empty()) {
    pg::Params params;
    params.add_array(column<Uuid>(request.keys, [](const KeyOfPayer& k) { return k.payer; }))
        .add_bytes_array(column<std::string_view>(request.keys,
                                                  [](const KeyOfPayer& k) { return view(k.key); }));
    steps.push_back({queries::ledger::find_keys, std::move(params)});
  }
  if (!request.refunds.empty()) {
    pg::Params params;
    params.add_array(column<Uuid>(request.refunds, [](const RefundKey& k) { return k.receiver; }))
        .add_array(column<Uuid>(request.refunds, [](const RefundKey& k) { return k.transfer_id; }));
    steps.push_back({queries::ledger::refunded_amounts, std::move(params)});
  }
  auto results = connection_->pipeline(steps);
  if (!results)
    return std::unexpected(explain(
        results.error(), request.prelude != nullptr ? &request.prelude->statement : nullptr));
  open_ = Open::transaction;
  return known_of(*results, request);
}

StoreResult<void> PgStore::write_ahead(const Plan& plan) {
  if (auto undone = roll_back(); !undone) return undone;
  const Step steps[] = {{kBegin}, insert_entries(plan)};
  auto results = connection_->pipeline(steps);
  if (!results) return std::unexpected(explain(results.error()));
  open_ = Open::entries;
  return {};
}

StoreResult<void> PgStore::commit(const Plan& plan) {
  std::vector<Step> steps;
  if (open_ == Open::nothing) steps.push_back({kBegin});
  if (!plan.basis.empty()) steps.push_back(check_basis(plan));
  steps.push_back(write_accounts(plan));
  if (!plan.relied_on.empty()) steps.push_back(check_versions(plan));
  if (open_ != Open::entries) steps.push_back(insert_entries(plan));
  steps.push_back(insert_batch(plan.row));
  steps.push_back({kCommit});
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

// A failure inside load()'s transaction leaves it open and aborted. Losing the connection after the
// server had refused a statement is no doubt: it rolled back.
StoreFailure PgStore::explain_in_transaction(const pg::Failure& failure) {
  if (failure.kind == pg::Failure::Kind::sql) static_cast<void>(roll_back());
  return explain(failure);
}

StoreResult<void> PgStore::confirm(const Plan& plan) {
  std::vector<Step> steps;
  if (!plan.basis.empty()) steps.push_back(check_basis(plan));
  // Of these the transaction has locked only those that the book did not know.
  if (!plan.relied_on.empty()) steps.push_back(check_versions(plan));
  if (open_ != Open::nothing) steps.push_back({kRollback});
  if (steps.empty()) return {};
  auto results = connection_->pipeline(steps);
  if (!results) return std::unexpected(explain_in_transaction(results.error()));
  open_ = Open::nothing;
  return {};
}

StoreResult<Fence> PgStore::fence(const BatchRow& void_row, const Hash256& hash) {
  if (!connect()) return std::unexpected(StoreFailure{StoreFailure::Kind::lost});
  const Step step = insert_batch(void_row);
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

  pg::Params params;
  params.add(void_row.chain_id).add(void_row.seq);
  auto rows = connection_->query(queries::ledger::find_batch, params);
  if (!rows) return std::unexpected(explain(rows.error()));
  lost_backends_.clear();
  // The row may also be our own void mark, from a fence whose answer was lost.
  if (rows->empty()) return std::unexpected(StoreFailure{StoreFailure::Kind::unavailable});
  return rows->text(0, 0) == view(hash) ? Fence::committed : Fence::voided;
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
