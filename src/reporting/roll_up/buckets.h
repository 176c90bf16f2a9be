#pragma once
// Entries, added up into buckets of every length: what a fold adds to the tables, and what an audit
// compares them with.
#include <map>
#include <span>

#include "ledger/domain/transfer.h"
#include "pg/rows.h"
#include "reporting/roll_up/amount_histogram.h"
#include "reporting/roll_up/user_count.h"
#include "reporting/sums.h"

namespace instapay::reporting {

/// What reports need of an entry.
struct Fact {
  std::int64_t at_us = 0;
  ledger::EntryKind kind = ledger::EntryKind::transfer;
  std::int64_t amount_minor = 0;  // as the entry has it: paid is negative
  Uuid account, counterparty;

  /// A transfer is counted by its payer's entry, or the only one.
  bool counts() const { return amount_minor <= 0; }
  /// Between people, so that the sketches take it.
  bool is_payment() const { return ledger::is_payment(kind) && amount_minor < 0; }
};

/// A row of batch_entries(), open_entries() or folded_entries().
Fact read_fact(const pg::Rows& rows, int row);

/// Of payments between people.
struct Sketch {
  AmountHistogram amounts;
  UserCount users;

  void add(const Fact& fact);
  void merge(const Sketch& other);
};

struct BucketKey {
  std::int32_t minutes = 0;
  std::int64_t begins_us = 0;
  auto operator<=>(const BucketKey&) const = default;
};

struct SumKey {
  BucketKey bucket;
  ledger::EntryKind kind = ledger::EntryKind::transfer;
  auto operator<=>(const SumKey&) const = default;
};

/// `minutes` outlive it.
class Buckets {
 public:
  explicit Buckets(std::span<const std::int32_t> minutes) : minutes_(minutes) {}

  /// Facts that do not count are left out.
  void add(const Fact& fact);
  const std::map<SumKey, Sum>& sums() const { return sums_; }
  std::map<BucketKey, Sketch>& sketches() { return sketches_; }
  bool empty() const { return sums_.empty(); }
  void clear() {
    sums_.clear();
    sketches_.clear();
  }

 private:
  std::span<const std::int32_t> minutes_;
  std::map<SumKey, Sum> sums_;
  std::map<BucketKey, Sketch> sketches_;
};

}  // namespace instapay::reporting
