#include "ledger/proof/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/time.h"
#include "ledger/domain/proposal_step.h"
#include "ledger/domain/rules.h"
#include "ledger/proof/chain.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/numbers.h"
#include "ledger/proof/sequence_audit.h"
#include "queries/ledger.h"

namespace instapay::ledger {
namespace {

constexpr pg::Statement kFetchBatches{"audit/fetch_batches", "FETCH 5000 FROM audit_batches"};
constexpr pg::Statement kFetchEntries{"audit/fetch_entries", "FETCH 10000 FROM audit_entries"};
constexpr pg::Statement kFetchAccounts{"audit/fetch_accounts", "FETCH 10000 FROM audit_accounts"};
constexpr pg::Statement kFetchHolds{"audit/fetch_holds", "FETCH 10000 FROM audit_holds"};

// Of payments that their payer has signed, so many are looked up at once.
constexpr std::size_t kSignedAtOnce = 1'000;

// Batches that are read at once, where their entries come in their order.
constexpr std::int64_t kReadAhead = 256;

std::string batch_name(std::int32_t chain_id, std::int64_t seq) {
  return fmt::format("batch {} of chain {}", seq, chain_id);
}

// Of a payer or of staff, that an entry names.
struct Signature {
  Uuid transfer, subject;  // the payer, or the proposal
  Hash256 hash;
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
    auto about = connection_.query(queries::ledger::audit_facts);
    if (!about) return std::unexpected(about.error());
    const auto facts = about->front();
    expected_ = facts.entries;
    currency_ = facts.currency;
    now_ = {facts.now};
    if (auto read = read_books(); !read) return std::unexpected(read.error());
    if (report_.difference.empty()) check_totals();
    report_.balanced = report_.difference.empty();
    report_.duration_us = monotonic_us() - begun_us;
    if (auto ended = connection_.exec("ROLLBACK"); !ended) return std::unexpected(ended.error());
    return report_;
  }

 private:
  struct Batch {
    Hash256 merkle_root, secret;
    std::int32_t transfer_count = 0;
    std::int32_t seen = 0;
    std::vector<Hash256> leaves;
  };
  struct Chain {
    std::int64_t length = 0;   // the last number
    std::int64_t read_to = 1;  // behind those that were read last
    Numbers settled;           // void, or all of its transfers have come
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

  // Up to the first difference.
  pg::Result<void> read_books() {
    using queries::ledger::audit_accounts, queries::ledger::audit_batches,
        queries::ledger::audit_entries, queries::ledger::audit_holds;
    auto read = read_all(audit_batches, kFetchBatches, &Auditor::take_batch);
    if (!read || !report_.difference.empty()) return read;
    read = read_all(audit_entries, kFetchEntries, &Auditor::take_entry);
    if (!read || !report_.difference.empty()) return read;
    if (read = check_signed(); !read) return read;
    if (read = check_signatures(); !read) return read;
    check_all_whole();
    if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
    if (!report_.difference.empty()) return {};
    read = read_all(audit_accounts, kFetchAccounts, &Auditor::take_account);
    if (!read || !report_.difference.empty()) return read;
    return read_all(audit_holds, kFetchHolds, &Auditor::take_hold);
  }

  // The rows of the cursor that `open` declares.
  template <class Row>
  pg::Result<void> read_all(const pg::TypedStatement<Row>& open, const pg::Statement& fetch,
                            void (Auditor::*take)(const Row&)) {
    if (auto opened = connection_.exec(open.sql); !opened) return opened;
    for (;;) {
      const auto rows = pg::typed<Row>(connection_.query(fetch));
      if (!rows) return std::unexpected(rows.error());
      if (rows->empty()) return {};
      for (const Row& row : *rows) {
        (this->*take)(row);
        if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
        if (!report_.difference.empty()) return {};
      }
      if (progress_) progress_({report_.entries, std::max(expected_, report_.entries)});
    }
  }

  // Batches come in the order of their chains.
  void take_batch(const queries::ledger::AuditBatchesRow& stored) {
    const BatchRow row{stored.chain_id,           stored.seq,
                       hash_of(stored.prev_hash), hash_of(stored.merkle_root),
                       stored.transfer_count,     stored.is_void,
                       {stored.committed_at}};
    const Hash256 hash = hash_of(stored.hash);
    if (row.chain_id != chain_id_ || report_.batches == 0) {
      chain_id_ = row.chain_id;
      next_seq_ = 1;
      prev_hash_ = genesis_hash(chain_id_);
      ++report_.chains;
    }
    const std::string name = batch_name(row.chain_id, row.seq);
    if (row.seq != next_seq_) return differ("{} is missing", batch_name(row.chain_id, next_seq_));
    for (const auto& column : {stored.prev_hash, stored.merkle_root, stored.hash})
      if (column.size() != sizeof(Hash256)) return differ("{}: a hash of another length", name);
    if (row.prev_hash != prev_hash_)
      return differ("{}: prev_hash is not the hash of the batch before it", name);
    if (row.hash() != hash) return differ("{}: its hash does not fit its fields", name);
    if (row.is_void && row.merkle_root != merkle_root({}))
      return differ("{}: a void batch with a Merkle root", name);
    if (stored.secret.has_value() == row.is_void ||
        (!row.is_void && stored.secret->size() != sizeof(Hash256)))
      return differ("{}: its secret is not of the form that the ledger writes", name);
    prev_hash_ = hash;
    ++next_seq_;
    ++report_.batches;
    Chain& chain = chains_[row.chain_id];
    chain.length = row.seq;
    if (row.is_void) chain.settled.add(row.seq);
  }

  // A batch of which an entry has come, and those after it: their entries lie next to it. Those
  // that lie elsewhere (in holes of erased notes) cost a read of their own.
  Batch* find_batch(const Place& at) {
    const BatchId id{at.chain_id, at.batch_seq};
    if (const auto found = batches_.find(id); found != batches_.end()) return &found->second;
    const auto chain = chains_.find(at.chain_id);
    if (chain == chains_.end() || at.batch_seq < 1 || at.batch_seq > chain->second.length ||
        chain->second.settled.contains(at.batch_seq))
      return nullptr;
    if (auto read = read_batches(at, chain->second); !read) {
      failure_ = std::move(read.error());
      return nullptr;
    }
    const auto found = batches_.find(id);
    return found == batches_.end() ? nullptr : &found->second;
  }

  pg::Result<void> read_batches(const Place& at, Chain& chain) {
    const bool goes_on = at.batch_seq >= chain.read_to && at.batch_seq - chain.read_to < kReadAhead;
    const std::int64_t last = at.batch_seq + (goes_on ? kReadAhead : 1) - 1;
    const auto rows = connection_.query(queries::ledger::audit_batches_from,
                                        pg::Params().add(at.chain_id).add(at.batch_seq).add(last));
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows)
      if (!chain.settled.contains(row.seq))
        batches_.try_emplace(
            BatchId{at.chain_id, row.seq},
            Batch{hash_of(row.merkle_root), hash_of(*row.secret), row.transfer_count});
    chain.read_to = last + 1;
    report_.batches_held_max = std::max(report_.batches_held_max, batches_.size());
    return {};
  }

  void take_entry(const EntryRow& row) {
    ++report_.entries;
    Entry entry = entry_of(row);
    const Transfer& t = entry.transfer;
    if (const auto columns = malformed_columns(row); !columns.empty())
      return differ("transfer {}: {} is not of the form that the ledger writes", t.id.to_string(),
                    columns);
    if (t.created.us > now_.us + kClockTolerance_us) ++report_.from_future;
    if (auto difference = sequences_.take(entry); !difference.empty())
      return differ("{} (transfer {})", difference, t.id.to_string());
    if (is_one_sided(t.kind)) {
      take_signatures(t);
      return add_to_batch(t);
    }
    const auto [place, first] = halves_.try_emplace(t.id, entry);
    if (first) return;
    Entry other = std::move(place->second);
    halves_.erase(place);
    if (entry.paid == other.paid)
      return differ("transfer {}: two entries of the same side", t.id.to_string());
    Entry& paid = entry.paid ? entry : other;
    const Entry& received = entry.paid ? other : entry;
    if (!alike(paid.transfer, received.transfer))
      return differ("transfer {}: its two entries do not match", t.id.to_string());
    take_note(paid.transfer, received.transfer);
    take_signed(paid.transfer);
    take_signatures(paid.transfer);
    paid.transfer.payee_side = received.transfer.payee_side;
    add_to_batch(paid.transfer);
  }

  // Of the other side each tells the number.
  static bool alike(const Transfer& paid, const Transfer& received) {
    return paid.payer == received.payer && paid.payee == received.payee &&
           paid.amount == received.amount && paid.kind == received.kind &&
           paid.change == received.change && paid.created == received.created &&
           paid.refund_of == received.refund_of && paid.reference == received.reference &&
           paid.actor == received.actor && paid.place == received.place && !received.key &&
           paid.payee_side.seq == received.payee_side.seq &&
           paid.payer_side.seq == received.payer_side.seq &&
           (paid.note == received.note || paid.note_hash || received.note_hash);
  }

  // A note may have been erased on one side only: its text, where it still is, must be what was
  // hashed.
  void take_note(Transfer& paid, const Transfer& received) {
    if (paid.note_hash && received.note_hash && paid.note_hash != received.note_hash)
      return differ("transfer {}: the hashes of its erased note differ", paid.id.to_string());
    if (received.note_hash && !paid.note_hash)
      erased_.push_back({paid.place, *received.note_hash, paid.note});
    if (paid.note_hash && !received.note_hash) {
      erased_.push_back({paid.place, *paid.note_hash, received.note});
    }
  }

  // What its payer has signed is kept beside the books.
  void take_signed(const Transfer& paid) {
    const auto hash = authorization_of(paid);
    if (!hash) return;
    signed_.push_back({paid.id, paid.payer.uuid, *hash});
    if (signed_.size() < kSignedAtOnce) return;
    if (auto checked = check_signed(); !checked) failure_ = std::move(checked.error());
  }

  pg::Result<void> check_signed() {
    return check_kept(signed_, queries::ledger::audit_authorizations,
                      "transfer {}: what its payer has signed is not kept");
  }

  // What staff have signed of proposals is, too.
  void take_signatures(const Transfer& t) {
    const auto step = signed_step(t.change);
    if (!step) return;
    for (const Hash256& hash : step->signatures)
      signatures_.push_back({t.id, step->proposal, hash});
    if (signatures_.size() < kSignedAtOnce) return;
    if (auto checked = check_signatures(); !checked) failure_ = std::move(checked.error());
  }

  pg::Result<void> check_signatures() {
    return check_kept(signatures_, queries::ledger::audit_signatures,
                      "transfer {}: what staff have signed of it is not kept");
  }

  // Each row of the statement is a transfer whose signature is not there.
  pg::Result<void> check_kept(std::vector<Signature>& signatures, const auto& statement,
                              fmt::format_string<std::string> finding) {
    if (signatures.empty()) return {};
    std::vector<Uuid> ids, subjects;
    std::vector<std::string_view> hashes;
    for (const Signature& each : signatures) {
      ids.push_back(each.transfer);
      subjects.push_back(each.subject);
      hashes.emplace_back(reinterpret_cast<const char*>(each.hash.data()), each.hash.size());
    }
    pg::Params params;
    params.add_array(std::span<const Uuid>(ids))
        .add_array(std::span<const Uuid>(subjects))
        .add_bytes_array(hashes);
    const auto missing = connection_.query(statement, params);
    if (!missing) return std::unexpected(missing.error());
    for (const auto& row : *missing) differ(finding, row.transfer_id.to_string());
    signatures.clear();
    return {};
  }

  void add_to_batch(const Transfer& t) {
    const Place& at = t.place;
    Batch* const found = find_batch(at);
    if (failure_) return;
    if (found == nullptr)
      return differ("transfer {}: {} does not exist or is whole without it", t.id.to_string(),
                    batch_name(at.chain_id, at.batch_seq));
    Batch& batch = *found;
    if (at.position < 0 || at.position >= batch.transfer_count)
      return differ("transfer {}: position {} is not in {}", t.id.to_string(), at.position,
                    batch_name(at.chain_id, at.batch_seq));
    if (batch.leaves.empty()) batch.leaves.resize(static_cast<std::size_t>(batch.transfer_count));
    Hash256& leaf = batch.leaves[static_cast<std::size_t>(at.position)];
    if (leaf != Hash256{})
      return differ("transfer {}: position {} of {} is taken", t.id.to_string(), at.position,
                    batch_name(at.chain_id, at.batch_seq));
    leaf = leaf_hash(t, currency_, batch.secret);
    if (!check_erased(batch.secret)) return;
    if (++batch.seen < batch.transfer_count) return;
    if (merkle_root(batch.leaves) != batch.merkle_root)
      return differ("{}: one of its {} transfers differs from what was hashed ({})",
                    batch_name(at.chain_id, at.batch_seq), batch.transfer_count,
                    batch.transfer_count == 1 ? "transfer " + t.id.to_string()
                                              : "its key, both of its entries alike, or "
                                                "the batch's secret");
    // Whole: forgotten, so that memory stays small.
    batches_.erase({at.chain_id, at.batch_seq});
    chains_.at(at.chain_id).settled.add(at.batch_seq);
  }

  // Text that one side kept of a note that the other has erased.
  bool check_erased(const Hash256& secret) {
    for (const auto& [place, hash, text] : std::exchange(erased_, {}))
      if (note_part(text, blinding_of(secret, place.position).note) != hash) {
        differ("{}: the note of transfer {} is not what was erased on its other side",
               batch_name(place.chain_id, place.batch_seq), place.position);
        return false;
      }
    return true;
  }

  void check_all_whole() {
    if (!halves_.empty())
      differ("transfer {}: one of its two entries is missing", halves_.begin()->first.to_string());
    if (auto gap = sequences_.find_gap(); !gap.empty()) differ("{}", gap);
    for (const auto& [chain_id, chain] : chains_)
      if (const auto seq = chain.settled.first_missing(); seq <= chain.length)
        return differ_missing(chain_id, seq);
  }

  void differ_missing(std::int32_t chain_id, std::int64_t seq) {
    const Batch* batch = find_batch({chain_id, seq, 0});
    if (batch != nullptr)
      differ("{}: {} of its {} transfers are missing", batch_name(chain_id, seq),
             batch->transfer_count - batch->seen, batch->transfer_count);
  }

  void take_account(const queries::ledger::AuditAccountsRow& row) {
    ++report_.accounts;
    const AccountId id{row.id};
    const bool wallet = static_cast<AccountKind>(row.kind) == AccountKind::wallet;
    const SequenceAudit::State state = sequences_.claim_account(id);
    if (wallet) report_.in_circulation_minor += state.balance.minor;
    total_minor_ += state.balance.minor;
    const std::string name = "account " + id.to_string();
    if (wallet == (id == kOpeningAccount || id == kSettlementAccount))
      return differ("{}: is {}", name, wallet ? "a wallet, not the system's" : "not the system's");
    const auto limit = [](std::optional<std::int64_t> minor) {
      return minor ? std::optional(Amount{*minor}) : std::nullopt;
    };
    if (static_cast<AccountStatus>(row.status) != state.status ||
        row.frozen_by_owner != state.frozen_by_owner ||
        OwnLimits{limit(row.transfer_limit), limit(row.daily_limit)} != state.limits)
      differ("{}: its status or limits are not what its control entries say", name);
  }

  void take_hold(const queries::ledger::AuditHoldsRow& row) {
    SequenceAudit::HoldRecord record{.hold = {.payer = {row.payer_id},
                                              .payee = {row.payee_id},
                                              .amount = {row.amount},
                                              .captured = {row.captured},
                                              .expires = {row.expires_at},
                                              .status = static_cast<HoldStatus>(row.status)},
                                     .seq = {row.seq},
                                     .captures = row.captures,
                                     .created = {row.created_at}};
    if (row.ended_at) record.ended = Time{*row.ended_at};
    if (auto difference = sequences_.claim_hold(row.id, record); !difference.empty())
      differ("{}", difference);
  }

  void check_totals() {
    if (auto unclaimed = sequences_.find_unclaimed(); !unclaimed.empty())
      return differ("{}", unclaimed);
    if (auto unclaimed = sequences_.find_unclaimed_hold(); !unclaimed.empty())
      return differ("{}", unclaimed);
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
  std::map<std::int32_t, Chain> chains_;
  std::unordered_map<BatchId, Batch, BatchIdHash> batches_;  // read, and not whole yet
  std::optional<pg::Failure> failure_;                       // of a read in between
  std::unordered_map<Uuid, Entry> halves_;                   // entries whose other side is to come
  SequenceAudit sequences_;
  struct Erased {
    Place place;
    Hash256 hash;
    std::string text;  // as the other side has kept it
  };
  std::vector<Erased> erased_;
  std::vector<Signature> signed_, signatures_;  // of payers, and of staff: to be looked up
  std::string currency_;
  Time now_;
  Total total_minor_ = 0;
};

}  // namespace

pg::Result<AuditReport> audit(pg::Connection& connection,
                              const std::function<void(const AuditProgress&)>& progress) {
  return Auditor(connection, progress).run();
}

}  // namespace instapay::ledger
