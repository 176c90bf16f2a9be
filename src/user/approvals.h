#pragma once
// Two pairs of eyes: what one of the staff proposes, another approves or refuses
// (docs/decisions/0032). Each step is an entry of the chain, in the transaction of the step.
#include <optional>
#include <string>
#include <string_view>

#include "ledger/ledger.h"
#include "net/idempotency.h"
#include "queries/user.h"
#include "user/approval_signature.h"
#include "user/service.h"

namespace instapay::user {

enum class ApprovalKind : std::uint8_t { adjustment, limits, role, closing, erasure };
std::string_view name_of(ApprovalKind kind);
std::optional<ApprovalKind> parse_approval_kind(std::string_view name);
/// What who proposes it or decides on it must be allowed to do themselves.
bool may_decide(const net::Principal& who, ApprovalKind kind);

/// The policy (APPROVALS, APPROVAL_ADJUSTMENT_ABOVE).
bool adjustment_needs_approval(const Config& config, std::int64_t amount_minor);
bool limits_need_approval(const Config& config, std::optional<std::int64_t> per_transfer_minor,
                          std::optional<std::int64_t> per_day_minor);

/// A proposal as the chain tells of it.
struct ApprovalRef {
  Uuid id;
  ApprovalKind kind = ApprovalKind::adjustment;
  std::string payload_hash;  // hexadecimal
};

/// In whose name something is done, and by which proposal.
struct Approved {
  ApprovalRef proposal;
  Uuid approver;
  std::optional<ApprovalSignature> signature = {};  // the approver's
  std::vector<Hash256> signatures = {};             // with the proposer's before it
};
struct Actor {
  Uuid id;
  std::optional<Approved> approved = {};
};

/// The control order that tells of a step: `status` is proposed, signed, approved, refused or
/// withdrawn.
ledger::Order approval_order(const Uuid& subject, const Uuid& actor, const ApprovalRef& proposal,
                             std::string_view status, std::string reason,
                             std::vector<Hash256> signatures = {});

/// Submits the orders, all or none: once, in the transaction that ends the proposal, where there is
/// one. `prelude` knows the proposal then.
Task<ledger::Outcomes> submit_action(Service& service, const Uuid& subject, const Actor& actor,
                                     std::vector<ledger::Order> orders,
                                     std::unique_ptr<ledger::Prelude> prelude);
/// The last parameters of the statements that end a proposal: which, who, and what they signed.
void add_approval(pg::Params& params, const Actor& actor);
/// Why an atomic submission was refused: what its other orders say is only that.
const ledger::Refusal* why_refused(const ledger::Outcomes& outcomes);
/// The error that a refusal of an action is to the client; what the database says of proposals and
/// of the last admin has codes of its own.
Error explain_action(const ledger::Refusal& refusal, Currency currency);

struct Proposal {
  ApprovalKind kind = ApprovalKind::adjustment;
  Uuid subject;
  std::optional<Uuid> beneficiary = {};
  std::string payload;  // JSON: what is done, and under `before` what was so
  std::string reason;
  std::optional<Hash128> key = {};
  Hash128 request_hash{};
  std::optional<Code> refused = {};  // the answer unless the key has one already
};

/// 202 with the proposal; of a key that has one already, with that one. nullopt: the key is of what
/// was done at once.
Task<Result<std::optional<net::Response>>> propose(Service& service, net::Request& request,
                                                   Proposal proposal);
/// The same where nothing is done at once: such a key is idempotency_key_reused.
Task<Result<net::Response>> answer_proposed(Service& service, net::Request& request,
                                            Proposal proposal);
/// The proposal of a key of the caller's, where it is one: also once the policy is another.
Task<Result<std::optional<net::Response>>> earlier_proposal(Service& service, net::Request& request,
                                                            std::optional<Hash128> key,
                                                            Hash128 request_hash);
/// The 202 of a request whose key's entry is this one.
Task<Result<net::Response>> replayed_proposal(Service& service, net::Principal viewer, Uuid id);
/// Whether the entry of a key is that of a proposal.
bool is_proposal(const ledger::Transfer& transfer);

using ApprovalRow = queries::user::FindApprovalRow;
/// `viewer`: mayDecide and mayWithdraw are theirs.
void write_approval(JsonWriter& json, const ApprovalRow& row, const net::Principal& viewer,
                    bool as_new = false);
/// Error: approval_not_found.
Task<Result<pg::TypedRows<ApprovalRow>>> find_approval(Service& service, Uuid id);
net::Response approval_response(int status, const ApprovalRow& row, const net::Principal& viewer,
                                bool as_new = false);
/// Why a proposal is not open any more.
Error not_open(const ApprovalRow& row);
ApprovalRef ref_of(const ApprovalRow& row);
transaction::SignedProposal signed_proposal(const ApprovalRow& row);
/// What somebody signs of it: its proposer that it is proposed, anybody else that it is approved.
std::string_view decision_of(const ApprovalRow& row, const Uuid& signer);
/// The chain has the payload's hash: a row that somebody has changed is neither signed nor carried
/// out. Error: forbidden.
Task<Result<void>> require_told(Service& service, const ApprovalRow& row);
/// Whether somebody may approve or refuse it. Error: forbidden.
Result<void> may_approve(const net::Principal& who, const ApprovalRow& row);

}  // namespace instapay::user
