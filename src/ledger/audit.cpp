#include "ledger/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/time.h"
#include "ledger/chain.h"
#include "ledger/pg_store.h"
#include "ledger/rules.h"
#include "queries.h"

namespace instapay::ledger {
namespace {

constexpr pg::Statement kFetchBatches{"audit/fetch_batches", "FETCH 5000 FROM audit_batches"};
constexpr pg::Statement kFetchEntries{"audit/fetch_entries", "FETCH 10000 FROM audit_entries"};
constexpr pg::Statement kFetchAccounts{"audit/fetch_accounts", "FETCH 10000 FROM audit_accounts"};

std::string batch_name(std::int32_t chain_id, std::int64_t seq) {
  return fmt::format("batch {} of chain {}", seq, chain_id);
}

// One side of a transfer as it stands in a row.
struct Side {
  Transfer transfer;  // as this side tells it
  bool paid = false;
};

class Auditor {
 public:
  Auditor(pg::Connection& connection, const std::function<void(const AuditProgress&)>& progress)
      : connection_(connection), progress_(progress) {}

  pg::Result<AuditReport> run() {
    const std::int64_t begun_us = monotonic_us();
    if (auto begun = connection_.exec(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;"
            "SET LOCAL cursor_tuple_fraction = 1");
        !begun)
      return std::unexpected(begun.error());
    auto expected = connection_.query(queries::ledger::audit_expected_entries);
    if (!expected) return std::unexpected(expected.error());
    expected_ = expected->int64(0, 0);
    for (const auto& [open, statement, take] :
         {Part{queries::ledger::audit_batches, kFetchBatches, &Auditor::take_batch},
          Part{queries::ledger::audit_entries, kFetchEntries, &Auditor::take_entry},
          Part{queries::ledger::audit_accounts, kFetchAccounts, &Auditor::take_account}}) {
      if (auto read = read_all(open, statement, take); !read) return std::unexpected(read.error());
      if (auto named = name_the_row(); !named) return std::unexpected(named.error());
      if (take == &Auditor::take_entry) check_all_whole();
      if (!report_.difference.empty()) break;
    }
    if (report_.difference.empty()) check_totals();
    report_.balanced = report_.difference.empty();
    report_.duration_us = monotonic_us() - begun_us;
    if (auto ended = connection_.exec("ROLLBACK"); !ended) return std::unexpected(ended.error());
    return report_;
  }

 private:
  using Take = void (Auditor::*)(const pg::Rows&, int);
  struct Part {
    pg::Statement open, fetch;
    Take take;
  };
  struct Batch {
    Hash256 merkle_root, secret;
    std::int32_t transfer_count = 0;
    std::int32_t seen = 0;
    std::vector<Hash256> leaves;
  };
  struct Sum {
    std::int64_t total_minor = 0, last_balance_minor = 0;
    Uuid last_transfer;
    std::int64_t last_us = 0;
    std::int32_t sent_day = 0;
    std::int64_t sent_today_minor = 0;
  };
  struct BatchId {
    std::int32_t chain_id;
    std::int64_t seq;
    bool operator==(const BatchId&) const = default;
  };
  struct BatchIdHash {
    std::size_t operator()(const BatchId& id) const noexcept {
      return static_cast<std::size_t>(id.seq) * 0x9e3779b97f4a7c15ULL ^
             static_cast<std::size_t>(id.chain_id);
    }
  };

  template <class... Args>
  void differ(fmt::format_string<Args...> text, Args&&... args) {
    if (report_.difference.empty())
      report_.difference = fmt::format(text, std::forward<Args>(args)...);
  }

  pg::Result<void> read_all(const pg::Statement& open, const pg::Statement& fetch, Take take) {
    if (auto opened = connection_.exec(open.sql); !opened) return opened;
    for (;;) {
      auto rows = connection_.query(fetch);
      if (!rows) return std::unexpected(rows.error());
      if (rows->empty()) return {};
      for (int i = 0; i < rows->size(); ++i) {
        (this->*take)(*rows, i);
        if (!report_.difference.empty()) return {};
      }
      if (progress_) progress_({report_.entries, std::max(expected_, report_.entries)});
    }
  }

  static Hash256 hash_at(const pg::Rows& rows, int row, int column) {
    Hash256 hash{};
    const auto bytes = rows.bytes(row, column);
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
  }

  // Batches come in the order of their chains.
  void take_batch(const pg::Rows& rows, int i) {
    BatchRow row{static_cast<std::int32_t>(rows.int64(i, 0)),
                 rows.int64(i, 1),
                 hash_at(rows, i, 2),
                 hash_at(rows, i, 3),
                 static_cast<std::int32_t>(rows.int64(i, 5)),
                 rows.boolean(i, 6),
                 rows.time_us(i, 7)};
    const Hash256 hash = hash_at(rows, i, 4);
    if (row.chain_id != chain_id_ || report_.batches == 0) {
      chain_id_ = row.chain_id;
      next_seq_ = 1;
      prev_hash_ = genesis_hash(chain_id_);
      ++report_.chains;
    }
    const std::string name = batch_name(row.chain_id, row.seq);
    if (row.seq != next_seq_) return differ("{} is missing", batch_name(row.chain_id, next_seq_));
    for (const int column : {2, 3, 4})
      if (rows.bytes(i, column).size() != sizeof(Hash256))
        return differ("{}: a hash of another length", name);
    if (row.prev_hash != prev_hash_)
      return differ("{}: prev_hash is not the hash of the batch before it", name);
    if (row.hash() != hash) return differ("{}: its hash does not fit its fields", name);
    if (row.is_void && row.merkle_root != merkle_root({}))
      return differ("{}: a void batch with a Merkle root", name);
    if (rows.is_null(i, 8) != row.is_void ||
        (!row.is_void && rows.bytes(i, 8).size() != sizeof(Hash256)))
      return differ("{}: its secret is not of the form that the ledger writes", name);
    prev_hash_ = hash;
    ++next_seq_;
    ++report_.batches;
    if (!row.is_void)
      batches_.emplace(BatchId{row.chain_id, row.seq},
                       Batch{row.merkle_root, hash_at(rows, i, 8), row.transfer_count});
  }

  static Side side_of(const pg::Rows& rows, int i) {
    Side side;
    side.transfer = transfer_of(rows, i);  // amount is minus what the account got
    side.paid = side.transfer.amount_minor > 0;
    if (side.paid) return side;
    Transfer& t = side.transfer;
    t.amount_minor = -t.amount_minor;
    std::swap(t.payer, t.payee);
    std::swap(t.payer_balance_minor, t.payee_balance_minor);
    return side;
  }

  void add_to_sum(const Side& side) {
    const Transfer& t = side.transfer;
    Sum& sum = sums_[side.paid ? t.payer : t.payee];
    sum.total_minor += side.paid ? -t.amount_minor : t.amount_minor;
    if (t.id > sum.last_transfer) {
      sum.last_transfer = t.id;
      sum.last_balance_minor = side.paid ? t.payer_balance_minor : t.payee_balance_minor;
      sum.last_us = t.created_us;
    }
    if (!side.paid || t.kind != TransferKind::transfer) return;
    const std::int32_t day = day_of(t.created_us);
    if (day > sum.sent_day) {
      sum.sent_day = day;
      sum.sent_today_minor = 0;
    }
    if (day == sum.sent_day) sum.sent_today_minor += t.amount_minor;
  }

  // What reads the same in a Transfer and is not: the hash would not notice.
  bool well_formed(const pg::Rows& rows, int i) {
    const std::size_t want = rows.is_null(i, 1) ? 0 : sizeof(Hash128);
    const bool key = rows.bytes(i, 1).size() == want && rows.bytes(i, 2).size() == want &&
                     rows.is_null(i, 2) == rows.is_null(i, 1);
    const bool refund = rows.is_null(i, 9) || rows.uuid(i, 9) != Uuid{};
    const bool note = rows.is_null(i, 10) || !rows.text(i, 10).empty();
    if (key && refund && note) return true;
    differ("transfer {}: {} is not of the form that the ledger writes", rows.uuid(i, 3).to_string(),
           !key      ? "idempotency_key or request_hash"
           : !refund ? "refund_of"
                     : "note");
    return false;
  }

  void take_entry(const pg::Rows& rows, int i) {
    ++report_.entries;
    if (!well_formed(rows, i)) return;
    Side side = side_of(rows, i);
    add_to_sum(side);
    const auto [place, first] = halves_.try_emplace(side.transfer.id, side);
    if (first) return;
    Side other = std::move(place->second);
    halves_.erase(place);
    if (side.paid == other.paid)
      return differ("transfer {}: two entries of the same side", side.transfer.id.to_string());
    Transfer& paid = side.paid ? side.transfer : other.transfer;
    const Transfer& received = side.paid ? other.transfer : side.transfer;
    if (!alike(paid, received))
      return differ("transfer {}: its two entries do not match", paid.id.to_string());
    paid.payee_balance_minor = received.payee_balance_minor;
    add_to_batch(paid);
  }

  static bool alike(const Transfer& paid, const Transfer& received) {
    return paid.payer == received.payer && paid.payee == received.payee &&
           paid.amount_minor == received.amount_minor && paid.kind == received.kind &&
           paid.note == received.note && paid.created_us == received.created_us &&
           paid.refund_of == received.refund_of && paid.chain_id == received.chain_id &&
           paid.batch_seq == received.batch_seq && paid.position == received.position &&
           !received.key;
  }

  void add_to_batch(const Transfer& t) {
    const auto found = batches_.find({t.chain_id, t.batch_seq});
    if (found == batches_.end())
      return differ("transfer {}: {} does not exist or is whole without it", t.id.to_string(),
                    batch_name(t.chain_id, t.batch_seq));
    Batch& batch = found->second;
    if (t.position < 0 || t.position >= batch.transfer_count)
      return differ("transfer {}: position {} is not in {}", t.id.to_string(), t.position,
                    batch_name(t.chain_id, t.batch_seq));
    if (batch.leaves.empty()) batch.leaves.resize(static_cast<std::size_t>(batch.transfer_count));
    Hash256& leaf = batch.leaves[static_cast<std::size_t>(t.position)];
    if (leaf != Hash256{})
      return differ("transfer {}: position {} of {} is taken", t.id.to_string(), t.position,
                    batch_name(t.chain_id, t.batch_seq));
    leaf = leaf_hash(t, batch.secret);
    if (++batch.seen < batch.transfer_count) return;
    if (merkle_root(batch.leaves) != batch.merkle_root) {
      differs_ = found->first;
      return differ("{}: one of its {} transfers differs from what was hashed ({})",
                    batch_name(t.chain_id, t.batch_seq), batch.transfer_count,
                    batch.transfer_count == 1 ? "transfer " + t.id.to_string()
                                              : "its key, both of its entries alike, or "
                                                "the batch's secret");
    }
    batches_.erase(found);  // whole: forgotten, so that memory stays small
  }

  // A root says only that some leaf is wrong; balances that do not follow say which.
  pg::Result<void> name_the_row() {
    if (!differs_) return {};
    auto rows = connection_.query(queries::ledger::audit_balances,
                                  pg::Params().add(differs_->chain_id).add(differs_->seq));
    if (!rows) return std::unexpected(rows.error());
    if (!rows->empty())
      report_.difference = fmt::format(
          "transfer {}: balance_after of account {} is not the one before plus the amount ({})",
          rows->uuid(0, 1).to_string(), rows->uuid(0, 0).to_string(),
          batch_name(differs_->chain_id, differs_->seq));
    return {};
  }

  void check_all_whole() {
    if (!halves_.empty())
      differ("transfer {}: one of its two entries is missing", halves_.begin()->first.to_string());
    if (!batches_.empty()) {
      const auto& [id, batch] = *batches_.begin();
      differ("{}: {} of its {} transfers are missing", batch_name(id.chain_id, id.seq),
             batch.transfer_count - batch.seen, batch.transfer_count);
    }
  }

  void take_account(const pg::Rows& rows, int i) {
    ++report_.accounts;
    const Uuid id = rows.uuid(i, 0);
    const bool wallet = rows.int64(i, 1) == static_cast<std::int64_t>(AccountKind::wallet);
    const std::int64_t balance = rows.int64(i, 2);
    if (wallet) report_.in_circulation_minor += balance;
    total_minor_ += balance;
    Sum sum;
    if (const auto found = sums_.find(id); found != sums_.end()) {
      sum = found->second;
      sums_.erase(found);
    }
    const std::string name = "account " + id.to_string();
    if (balance != sum.total_minor)
      return differ("{}: its balance is {}, its entries sum to {} (minor units)", name, balance,
                    sum.total_minor);
    if (balance != sum.last_balance_minor)
      return differ("{}: its balance is {}, the last entry says {} (minor units)", name, balance,
                    sum.last_balance_minor);
    if (wallet == (id == kOpeningAccount || id == kSettlementAccount))
      return differ("{}: is {}", name, wallet ? "a wallet, not the system's" : "not the system's");
    if (wallet && balance < 0) return differ("{}: a negative balance", name);
    if (rows.time_us(i, 5) != sum.last_us)
      return differ("{}: last_entry_at is not the time of its last entry", name);
    if (rows.int64(i, 3) != sum.sent_day || rows.int64(i, 4) != sum.sent_today_minor)
      return differ("{}: what it sent on its last day is not what its entries say", name);
  }

  void check_totals() {
    if (!sums_.empty())
      return differ("account {}: has entries and does not exist", sums_.begin()->first.to_string());
    if (total_minor_ != 0)
      differ("all balances together are {} minor units, not zero", total_minor_);
  }

  pg::Connection& connection_;
  const std::function<void(const AuditProgress&)>& progress_;
  AuditReport report_;
  std::int64_t expected_ = 0;
  std::int32_t chain_id_ = 0;
  std::int64_t next_seq_ = 1;
  Hash256 prev_hash_{};
  std::unordered_map<BatchId, Batch, BatchIdHash> batches_;  // not whole yet
  std::unordered_map<Uuid, Side> halves_;                    // entries whose other side is to come
  std::unordered_map<Uuid, Sum> sums_;
  std::int64_t total_minor_ = 0;
  std::optional<BatchId> differs_;
};

}  // namespace

pg::Result<AuditReport> audit(pg::Connection& connection,
                              const std::function<void(const AuditProgress&)>& progress) {
  return Auditor(connection, progress).run();
}

}  // namespace instapay::ledger
