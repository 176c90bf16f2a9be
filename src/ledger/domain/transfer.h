#pragma once
// What somebody wants to happen (Order) and what has happened (Transfer).
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/sha256.h"
#include "ledger/domain/account.h"

namespace instapay::ledger {

enum class EntryKind : std::int16_t {
  transfer = 1,
  refund = 2,
  opening = 3,
  adjustment = 4,
  control = 5,  // status, limits or role change; moves nothing
  hold = 6,     // reserves a part of the payer's balance
  release = 7,  // gives it free again
  capture = 8,  // pays from what is held
};

/// "transfer", "refund", …, as on the wire.
std::string_view name_of(EntryKind kind);
std::optional<EntryKind> parse_entry_kind(std::string_view name);
/// Whether only the payer has an entry of it.
constexpr bool is_one_sided(EntryKind kind) {
  return kind == EntryKind::control || kind == EntryKind::hold || kind == EntryKind::release;
}

/// Whether people pay people by it: what can be refunded.
constexpr bool is_payment(EntryKind kind) {
  return kind == EntryKind::transfer || kind == EntryKind::capture;
}

/// As the amount of a refund: what has not been refunded yet. Of a capture or a release: what is
/// left of the hold. Of an adjustment, or a transfer that says so (Order::all): all that can be
/// spent, which may be nothing.
inline constexpr Amount kAllThatRemains{0};

/// One key is one request of one principal, on whatever endpoint, for ever.
struct RequestKey {
  Uuid principal;     // who asks
  Hash128 key{};      // of the Idempotency-Key
  Hash128 request{};  // of the request as it was sent
  bool operator==(const RequestKey&) const = default;
};

/// Without a key there is nothing to stand for.
inline std::optional<RequestKey> request_key(const Uuid& principal,
                                             const std::optional<Hash128>& key,
                                             const Hash128& request) {
  return key ? std::optional(RequestKey{principal, *key, request}) : std::nullopt;
}

/// Why an order did not happen. The amounts are those that help the person who reads it.
struct Refusal {
  Code code = Code::internal_error;
  Amount available = {};        // insufficient_funds: what can be spent; limits: what is left
  Amount limit = {};            // limits: the limit; refunds: what was received
  std::string constraint = {};  // of a refused prelude (submission.h)
  Time resets = {};             // daily_limit_exceeded: when the next day begins
  bool pin_is_enough = false;   // step_up_required: a PIN may be shown, too
  bool operator==(const Refusal&) const = default;
};

/// What a control entry changes. What is absent stays.
struct Control {
  std::optional<AccountStatus> status;
  std::optional<OwnLimits> limits;
  std::string
      change;  // what is not the ledger's to know, e.g. a role: {"role":{"before":…,"after":…}}
};

/// What somebody wants to happen.
struct Order {
  AccountId payer, payee;  // control: the account that is changed, and nobody
  Amount amount;
  EntryKind kind = EntryKind::transfer;
  std::string note;
  Uuid refund_of{};             // refunds: the transfer whose receiver gives back
  Uuid reference{};             // what is paid, e.g. a payment request; of which hold it is
  Uuid actor{};                 // who orders it, when that is not the payer
  bool by_own_machine = false;  // the actor is a service account of the payer's
  bool all = false;             // a transfer of kAllThatRemains: its payer closes the account
  Control control{};
  std::optional<Time> expires{};  // holds: when they end
  /// Transfers: of the payer's own proof (transaction/authorization.h).
  std::optional<Hash256> authorization{};
  bool final = false;  // captures: what they leave of the hold is given free
  Amount freed{};      // captures: what is not held any more, where that is more than the amount
  /// What was found out before the ledger was asked, e.g. that nobody has the payee's name. It is
  /// the answer unless the request's key has one already.
  std::optional<Code> refused;
  bool pin_is_enough = false;  // step_up_required: the payer may show a PIN, too
};

/// Whether somebody orders it for money that is not their own. The handlers see to it that only
/// operators do.
inline bool is_by_operator(const Order& order) {
  return order.kind == EntryKind::adjustment ||
         (order.kind == EntryKind::refund && order.actor != Uuid{} && !order.by_own_machine);
}

/// Whether somebody controls the account that is their own.
inline bool is_by_owner(const Order& order) {
  return order.kind == EntryKind::control && order.actor == order.payer.uuid;
}

/// One account's part of a transfer: its state afterwards.
struct Side {
  Seq seq;
  Amount balance, held, held_change, sent_today;
  bool operator==(const Side&) const = default;
};

/// Where a transfer stands in the chain.
struct Place {
  std::int32_t chain_id = 0;
  std::int64_t batch_seq = 0;  // 0: not written yet
  std::int32_t position = 0;
  bool operator==(const Place&) const = default;
};

/// What has happened: two entries, or one.
struct Transfer {
  Uuid id;
  AccountId payer, payee;  // control: the account that was changed, and who did it
  Amount amount;
  EntryKind kind = EntryKind::transfer;
  std::string note;
  std::optional<Hash256> note_hash;  // in place of a note that was erased
  std::string change;                // control: what before, what after; hold: until when;
                                     // transfer: the payer's own proof; adjustment: who signed
  Uuid refund_of{}, reference{}, actor{};
  Time created;
  Side payer_side, payee_side;
  std::optional<RequestKey> key;  // on the first transfer of its request
  std::string refused_items;      // beside the key: which orders of the request were refused
  Place place;
  bool replayed = false;  // happened before, under the same key
};

/// Who asked for it: the key's owner.
inline Uuid principal_of(const Transfer& transfer) {
  return transfer.actor == Uuid{} ? transfer.payer.uuid : transfer.actor;
}

/// What `change` of a transfer says where the payer's own proof has this hash, and back; nullopt of
/// any other text.
std::string change_of_authorization(const Hash256& hash);
std::optional<Hash256> authorization_of(const Transfer& transfer);

using Outcome = std::expected<Transfer, Refusal>;
using Outcomes = std::vector<Outcome>;

/// Which orders of a request were refused and why, in a line, as it is kept beside the key: the
/// answer to the same request, for ever. Empty: none.
std::string format_refused_items(const Outcomes& outcomes);
/// By the orders' indexes; nullopt when it is not such a line.
std::optional<std::vector<std::pair<std::size_t, Refusal>>> parse_refused_items(
    std::string_view line);

}  // namespace instapay::ledger
