#pragma once
// The nouns of the ledger. Amounts are minor units; times are microseconds since 1970, UTC.
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/sha256.h"
#include "core/uuid.h"

namespace instapay::ledger {

enum class AccountKind : std::int16_t { wallet = 0, system = 1 };
enum class AccountStatus : std::int16_t { active = 0, frozen = 1, closed = 2 };
enum class TransferKind : std::int16_t { transfer = 1, refund = 2, opening = 3, adjustment = 4 };

/// "transfer", "refund", "opening", "adjustment", as on the wire.
std::string_view name_of(TransferKind kind);
std::string_view name_of(AccountStatus status);

// All money comes from and goes to these two; wallets and they sum to zero.
inline constexpr Uuid kOpeningAccount = Uuid::reserved(1);
inline constexpr Uuid kSettlementAccount = Uuid::reserved(2);

struct Account {
  Uuid id;
  AccountKind kind = AccountKind::wallet;
  AccountStatus status = AccountStatus::active;
  std::int64_t balance_minor = 0;
  std::int64_t version = 0;
  std::int32_t sent_day = 0;  // days since 1970: what sent_today_minor counts
  std::int64_t sent_today_minor = 0;
  std::optional<std::int64_t> transfer_limit_minor, daily_limit_minor;
  std::int64_t last_entry_us = 0;
};
using Accounts = boost::unordered_flat_map<Uuid, Account, std::hash<Uuid>>;
/// Sorted, each once: the order in which rows are locked.
void make_ordered_set(std::vector<Uuid>& ids);
using AccountIds = boost::unordered_flat_set<Uuid, std::hash<Uuid>>;

/// As the amount of a refund: what has not been refunded yet.
inline constexpr std::int64_t kAllThatRemains = 0;

/// What somebody wants to happen.
struct Order {
  Uuid payer, payee;
  std::int64_t amount_minor = 0;
  TransferKind kind = TransferKind::transfer;
  std::string note;
  std::optional<Hash128> key;  // of the Idempotency-Key
  Hash128 request_hash{};      // of everything the key stands for
  Uuid refund_of{};            // refunds: the transfer whose receiver gives back; else zero
};

/// What has happened: an order and where it stands in the ledger.
struct Transfer {
  Uuid id;
  Uuid payer, payee;
  std::int64_t amount_minor = 0;
  TransferKind kind = TransferKind::transfer;
  std::string note;
  std::optional<Hash128> key;
  Hash128 request_hash{};
  Uuid refund_of{};
  std::int64_t created_us = 0;
  std::int64_t payer_balance_minor = 0, payee_balance_minor = 0;  // after it
  std::int32_t chain_id = 0;
  std::int64_t batch_seq = 0;
  std::int32_t position = 0;
  bool replayed = false;  // happened before, under the same key
};

/// Why an order did not happen. The amounts are those that help the person who reads it.
struct Refusal {
  Code code = Code::internal_error;
  std::int64_t available_minor = 0;  // insufficient_funds: the balance; limits: what is left
  std::int64_t limit_minor = 0;      // limits: the limit; refunds: what was received
  std::string constraint = {};       // of a refused prelude (submission.h)
  std::int64_t resets_us = 0;        // daily_limit_exceeded: when the next day begins
};

using Outcome = std::expected<Transfer, Refusal>;
using Outcomes = std::vector<Outcome>;

/// The platform's limits; an account may have its own.
struct Limits {
  std::int64_t transfer_minor = 0;  // 0: none
  std::int64_t daily_minor = 0;     // 0: none
};

}  // namespace instapay::ledger
