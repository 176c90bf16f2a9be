#pragma once
// Plans a batch: applies the rules to submissions one by one in their order, exactly as if each
// had run alone. Pure: accounts in, transfers and new account states out.
#include <span>
#include <vector>

#include "ledger/commit/submission.h"
#include "ledger/domain/hold.h"
#include "ledger/domain/payable.h"
#include "ledger/domain/rules.h"
#include "ledger/proof/chain.h"

namespace instapay::ledger {

/// An idempotency key and whose it is.
struct OwnedKey {
  Uuid principal;
  Hash128 key{};
  bool operator==(const OwnedKey&) const = default;
};
inline OwnedKey owned(const RequestKey& key) { return {key.principal, key.key}; }
struct OwnedKeyHash {
  std::size_t operator()(const OwnedKey& k) const noexcept {
    std::size_t low;
    std::memcpy(&low, k.key.data(), sizeof low);
    return low ^ std::hash<Uuid>{}(k.principal);
  }
};

/// What the first request under a key was answered.
struct FirstAnswer {
  Hash128 request{};
  std::vector<Transfer> transfers;  // those of its orders that happened; further ones do not count
  std::string refused_items;
};
using FirstAnswers = boost::unordered_flat_map<OwnedKey, FirstAnswer, OwnedKeyHash>;

/// Of a transfer that is being refunded.
struct Refundable {
  AccountId original_payer;
  Amount received, refunded;
  EntryKind kind = EntryKind::transfer;
};
struct RefundKey {
  AccountId receiver;
  Uuid transfer_id;
  bool operator==(const RefundKey&) const = default;
};
struct RefundKeyHash {
  std::size_t operator()(const RefundKey& k) const noexcept {
    return std::hash<AccountId>{}(k.receiver) ^ (std::hash<Uuid>{}(k.transfer_id) << 1);
  }
};
using Refundables = boost::unordered_flat_map<RefundKey, Refundable, RefundKeyHash>;

/// Everything the rules may look at.
struct Known {
  Accounts accounts;        // those not here do not exist
  FirstAnswers keys;        // what the database, or the basis, has for some of the keys
  Refundables refundables;  // for the refunds in the batch
  Payables payables;        // for its payments of requests
  Holds holds;              // for its captures and releases
};

/// A key that the batch writes: its answer is these transfers of the plan.
struct WrittenKey {
  RequestKey key;
  std::size_t first = 0, count = 0;
};

struct Plan {
  std::vector<Transfer> transfers;  // accepted, in order
  std::vector<Hash256> leaves;
  std::vector<Account> changed;    // by id; their states after the batch
  std::vector<Account> settings;   // of these, those whose status or limits change
  std::vector<Account> relied_on;  // by id; unchanged, but a refusal or a hold depends on them
  std::vector<WrittenKey> keys;
  BatchRow row;
  std::vector<Outcomes> outcomes;  // of each submission
  bool refused_a_key = false;      // a request with a key: has it happened before?
  bool replayed = false;           // some answer is of a transfer that was there before
  // Payers refused since their address is not verified: verifying writes no entry, so what is
  // remembered of them may be out of date and check_heads would not say so.
  std::vector<AccountId> refused_unverified;

  bool empty() const { return transfers.empty(); }
};

/// Where the batch will stand.
struct Position {
  std::int32_t chain_id = 0;
  std::int64_t seq = 1;
  Hash256 prev_hash{};
  Hash256 secret{};  // fresh for every plan (BatchRow::secret)
};

/// What holds for every batch.
struct Terms {
  Limits limits;
  std::string currency = "EGP";  // ISO 4217, of all amounts
  bool storage_low = false;      // only answers from keys and control entries
};

Plan plan_batch(std::span<const SubmissionPtr> submissions, Known known, const Terms& terms,
                const Position& position, Time now);

}  // namespace instapay::ledger
