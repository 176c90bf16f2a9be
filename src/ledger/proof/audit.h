#pragma once
// Recomputes everything the ledger claims, from its rows alone, in one consistent snapshot while
// the platform runs: chains unbroken, every entry in a batch and every batch whole, pairs alike and
// summing to zero, every account a sequence without gaps in which each entry follows from the one
// before, status and limits as the last control entry left them, holds as their payers' entries
// left them and what is held no more and no less than they have left, what payers have signed kept.
// Stops at the first difference and says which row. Remembers accounts, their open holds, and of
// batches those that are not whole yet.
#include <cstdint>
#include <functional>
#include <string>

#include "core/money.h"
#include "pg/connection.h"

namespace instapay::ledger {

struct AuditReport {
  bool balanced = false;
  std::string difference;  // when not balanced: which row, and how it differs
  std::int64_t accounts = 0, entries = 0, batches = 0, chains = 0;
  Total in_circulation_minor = 0;  // what all wallets hold together
  std::int64_t from_future = 0;    // entries whose time has not come: a clock ran ahead
  std::int64_t duration_us = 0;
  std::size_t batches_held_max = 0;  // in memory at once: as many as lie in each other's midst
};

struct AuditProgress {
  std::int64_t entries = 0, entries_expected = 0;
};

/// Failure: the database could not be read; nothing is said about the books then.
pg::Result<AuditReport> audit(pg::Connection& connection,
                              const std::function<void(const AuditProgress&)>& progress);

}  // namespace instapay::ledger
