#pragma once
// Plans a batch: applies the rules to submissions one by one in their order, exactly as if each
// had run alone. Pure: accounts in, transfers and new account states out.
#include <span>
#include <vector>

#include "ledger/chain.h"
#include "ledger/submission.h"

namespace instapay::ledger {

struct KeyOfPayer {
  Uuid payer;
  Hash128 key;
  bool operator==(const KeyOfPayer&) const = default;
};
struct KeyOfPayerHash {
  std::size_t operator()(const KeyOfPayer& k) const noexcept {
    std::size_t low;
    std::memcpy(&low, k.key.data(), sizeof low);
    return low ^ std::hash<Uuid>{}(k.payer);
  }
};
using KnownKeys = boost::unordered_flat_map<KeyOfPayer, Transfer, KeyOfPayerHash>;

/// Of a transfer that is being refunded, as its receiver's entry tells.
struct Refundable {
  Uuid original_payer;
  std::int64_t received_minor = 0, refunded_minor = 0;
  TransferKind kind = TransferKind::transfer;
};
struct RefundKey {
  Uuid receiver, transfer_id;
  bool operator==(const RefundKey&) const = default;
};
struct RefundKeyHash {
  std::size_t operator()(const RefundKey& k) const noexcept {
    return std::hash<Uuid>{}(k.receiver) ^ (std::hash<Uuid>{}(k.transfer_id) << 1);
  }
};
using Refundables = boost::unordered_flat_map<RefundKey, Refundable, RefundKeyHash>;

/// Everything the rules may look at.
struct Known {
  Accounts accounts;        // those not here do not exist
  KnownKeys keys;           // transfers that the database, or the basis, has for some of the keys
  Refundables refundables;  // for the refunds in the batch
};

/// A batch's row, as those name it that rely on it.
struct BatchRef {
  std::int32_t chain_id = 0;
  std::int64_t seq = 0;
  Hash256 hash{};
};

struct Plan {
  std::vector<Transfer> transfers;  // accepted, in order
  std::vector<Hash256> leaves;
  std::vector<Account> changed;    // by id; `version` is the one read, not yet counted up
  std::vector<Account> relied_on;  // by id; unchanged, but a refusal depends on them
  std::vector<BatchRef> basis;     // must be committed: it was planned on what they leave behind
  BatchRow row;
  std::vector<Outcomes> outcomes;  // of each submission
  bool refused_a_key = false;      // an order with a key: has it happened before?

  bool empty() const { return transfers.empty(); }
};

/// Where the batch will stand.
struct Position {
  std::int32_t chain_id = 0;
  std::int64_t seq = 1;
  Hash256 prev_hash{};
  Hash256 secret{};  // fresh for every plan (BatchRow::secret)
};

Plan plan_batch(std::span<const SubmissionPtr> submissions, Known known, const Limits& limits,
                const Position& position, std::int64_t now_us);

}  // namespace instapay::ledger
