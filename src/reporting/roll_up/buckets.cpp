#include "reporting/roll_up/buckets.h"

#include "reporting/roll_up/cover.h"

namespace instapay::reporting {

Fact read_fact(const pg::Rows& rows, int row) {
  return {rows.time_us(row, 0), static_cast<ledger::EntryKind>(rows.int64(row, 1)),
          rows.int64(row, 2), rows.uuid(row, 3), rows.uuid(row, 4)};
}

void Sketch::add(const Fact& fact) {
  amounts.add(-fact.amount_minor);
  users.add(fact.account);
  users.add(fact.counterparty);
}

void Sketch::merge(const Sketch& other) {
  amounts.merge(other.amounts);
  users.merge(other.users);
}

void Buckets::add(const Fact& fact) {
  if (!fact.counts()) return;
  for (const std::int32_t minutes : minutes_) {
    const BucketKey bucket{minutes, floor_to(fact.at_us, minutes * kMinute_us)};
    sums_[{bucket, fact.kind}] += {1, -Total{fact.amount_minor}};
    if (fact.is_payment()) sketches_[bucket].add(fact);
  }
}

}  // namespace instapay::reporting
