#include "user/approvals.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "core/time.h"
#include "ledger/domain/proposal_step.h"
#include "ledger/store/durable.h"
#include "ledger/store/pg_prelude.h"

namespace instapay::user {
namespace {

constexpr std::string_view kKinds[] = {"adjustment", "limits", "role", "closing", "erasure"};

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_above(std::optional<std::int64_t> own_minor, std::int64_t platform_minor) {
  return own_minor && platform_minor > 0 && *own_minor > platform_minor;
}

void write_person(JsonWriter& json, std::string_view name, const std::optional<Uuid>& id,
                  std::string_view username, std::string_view display_name) {
  json.key(name);
  if (!id) {
    json.null();
    return;
  }
  json.begin_object().field("id", *id).field_or_null("username", username);
  json.field_or_null("displayName", display_name).end_object();
}

Error key_reused() {
  return {Code::idempotency_key_reused, "This Idempotency-Key was used for another request."};
}

void write_decision(JsonWriter& json, const ApprovalRow& row, bool as_new) {
  const bool told = row.decided_by && !as_new;
  write_person(json, "decidedBy", told ? row.decided_by : std::nullopt,
               row.decider_username.value_or(""), row.decider_name.value_or(""));
  json.key("decidedAt").time_or_null(told ? row.decided_at : std::nullopt);
  json.field_or_null("decisionReason", told ? row.decision_reason.value_or("") : "");
  json.key("executedAt").time_or_null(told ? row.executed_at : std::nullopt);
}

std::string member_of(const ApprovalRef& proposal, std::string_view status,
                      std::vector<Hash256> signatures) {
  return ledger::member_of_step({.proposal = proposal.id,
                                 .kind = std::string(name_of(proposal.kind)),
                                 .status = std::string(status),
                                 .payload_hash = proposal.payload_hash,
                                 .signatures = std::move(signatures)});
}

void write_signature(JsonWriter& json, std::string_view name,
                     std::optional<std::span<const std::uint8_t>> hash) {
  json.field_or_null(name, hash ? to_hex(*hash) : "");
}

}  // namespace

std::string_view name_of(ApprovalKind kind) { return kKinds[static_cast<int>(kind)]; }

std::optional<ApprovalKind> parse_approval_kind(std::string_view name) {
  const auto* found = std::ranges::find(kKinds, name);
  if (found == std::end(kKinds)) return std::nullopt;
  return static_cast<ApprovalKind>(found - std::begin(kKinds));
}

bool may_decide(const net::Principal& who, ApprovalKind kind) {
  switch (kind) {
    case ApprovalKind::adjustment:
      return who.may(Permission::money);
    case ApprovalKind::limits:
      return who.may(Permission::limits);
    case ApprovalKind::role:
      return who.may(Permission::roles);
    case ApprovalKind::closing:
      return who.may(Permission::close) && who.may(Permission::money);
    case ApprovalKind::erasure:
      return who.may(Permission::erase);
  }
  return false;
}

bool adjustment_needs_approval(const Config& config, std::int64_t amount_minor) {
  const std::int64_t size = amount_minor < 0 ? -amount_minor : amount_minor;
  return config.approvals && size > config.approval_adjustment_above_minor;
}

bool limits_need_approval(const Config& config, std::optional<std::int64_t> per_transfer_minor,
                          std::optional<std::int64_t> per_day_minor) {
  return config.approvals && (is_above(per_transfer_minor, config.transfer_limit_minor) ||
                              is_above(per_day_minor, config.daily_limit_minor));
}

ledger::Order approval_order(const Uuid& subject, const Uuid& actor, const ApprovalRef& proposal,
                             std::string_view status, std::string reason,
                             std::vector<Hash256> signatures) {
  ledger::Order order;
  order.payer = {subject};
  order.kind = ledger::EntryKind::control;
  order.actor = actor;
  order.note = std::move(reason);
  order.reference = proposal.id;
  order.control.change = member_of(proposal, status, std::move(signatures));
  return order;
}

void add_approval(pg::Params& params, const Actor& actor) {
  if (actor.approved) {
    params.add(actor.approved->proposal.id).add(actor.approved->approver);
  } else {
    params.add_null().add_null();
  }
  add_signature(params, actor.approved ? actor.approved->signature : std::nullopt);
}

Task<ledger::Outcomes> submit_action(Service& service, const Uuid& subject, const Actor& actor,
                                     std::vector<ledger::Order> orders,
                                     std::unique_ptr<ledger::Prelude> prelude) {
  auto submission = std::make_unique<ledger::Submission>();
  submission->atomic = true;
  if (const auto& approved = actor.approved)
    submission->orders.push_back(approval_order(subject, approved->approver, approved->proposal,
                                                "approved", "", approved->signatures));
  // What moves money says who has signed, so that its receipt proves it.
  if (actor.approved && !actor.approved->signatures.empty())
    for (ledger::Order& order : orders)
      if (order.kind == ledger::EntryKind::adjustment)
        order.control.change =
            member_of(actor.approved->proposal, "executed", actor.approved->signatures);
  std::ranges::move(orders, std::back_inserter(submission->orders));
  submission->prelude = std::move(prelude);
  if (actor.approved && !submission->prelude) {
    pg::Params params;
    add_approval(params, actor);
    submission->prelude =
        std::make_unique<ledger::PgPrelude>(queries::user::execute_approval, std::move(params));
  }
  co_return co_await service.ledger.submit(std::move(submission));
}

const ledger::Refusal* why_refused(const ledger::Outcomes& outcomes) {
  const ledger::Refusal* why = nullptr;
  for (const ledger::Outcome& outcome : outcomes)
    if (!outcome && (why == nullptr || why->code == Code::batch_rejected)) why = &outcome.error();
  return why;
}

Error explain_action(const ledger::Refusal& refusal, Currency currency) {
  if (refusal.constraint == "users_last_admin")
    return {Code::last_admin, "Nobody else may change roles: make somebody an admin first."};
  if (refusal.constraint == "approvals_limit")
    return {
        Code::approval_limit_exceeded,
        fmt::format("You have {} open proposals: withdraw some, or wait until they are decided.",
                    kOpenApprovalsMax)};
  if (refusal.constraint == "approvals_role" || refusal.constraint == "approvals_decider" ||
      refusal.constraint == "approvals_proposer")
    return {Code::forbidden, "This is not for you to decide."};
  if (refusal.constraint == "approvals_outdated")
    return {Code::approval_outdated, "Who proposed it may not do this any more."};
  if (refusal.constraint == "approvals_once" || refusal.constraint == "approval_signatures_once" ||
      refusal.constraint == "approval_signatures_pkey")
    return {Code::approval_decided, "The proposal has been decided just now."};
  if (refusal.constraint == kSignaturePasskey)
    return {Code::passkey_invalid, "This passkey is not one of yours any more."};
  return ledger::to_error(refusal, currency);
}

bool is_proposal(const ledger::Transfer& transfer) {
  return transfer.kind == ledger::EntryKind::control &&
         transfer.change.starts_with(R"({"approval":)");
}

Task<Result<pg::TypedRows<ApprovalRow>>> find_approval(Service& service, Uuid id) {
  auto rows = co_await service.db.query(queries::user::find_approval, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::approval_not_found, "There is no such proposal.");
  co_return std::move(*rows);
}

ApprovalRef ref_of(const ApprovalRow& row) {
  return {row.id, parse_approval_kind(row.kind).value_or(ApprovalKind::adjustment),
          to_hex(row.payload_hash)};
}

transaction::SignedProposal signed_proposal(const ApprovalRow& row) {
  return {.id = row.id,
          .kind = std::string(row.kind),
          .subject = row.subject_id,
          .beneficiary = row.beneficiary_id.value_or(Uuid{}),
          .proposer = row.proposed_by,
          .payload = std::string(text_of(row.payload))};
}

std::string_view decision_of(const ApprovalRow& row, const Uuid& signer) {
  return row.proposed_by == signer ? transaction::kProposed : transaction::kApproved;
}

Task<Result<void>> require_told(Service& service, const ApprovalRow& row) {
  const auto rows =
      co_await service.db.query(queries::user::find_approval_entry, pg::Params().add(row.id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const std::string hash = to_hex(row.payload_hash);
  const bool told = !rows->empty() && rows->front().change &&
                    rows->front().change->contains("\"sha256\":\"" + hash + "\"") &&
                    to_hex(sha256(text_of(row.payload))) == hash;
  if (!told)
    co_return fail(Code::forbidden, "The proposal is not what the ledger says was proposed.");
  co_return Result<void>();
}

Result<void> may_approve(const net::Principal& who, const ApprovalRow& row) {
  const bool involved = row.proposed_by == who.user_id || row.subject_id == who.user_id ||
                        row.beneficiary_id == who.user_id;
  if (involved)
    return fail(Code::forbidden,
                "It is another one's to approve what you propose or what is yours.");
  if (!may_decide(who, ref_of(row).kind))
    return fail(Code::forbidden, "Your role may not do this, nor approve it.");
  return {};
}

void write_approval(JsonWriter& json, const ApprovalRow& row, const net::Principal& viewer,
                    bool as_new) {
  const ApprovalKind kind = parse_approval_kind(row.kind).value_or(ApprovalKind::adjustment);
  const bool is_open = as_new || row.state == "open" || row.state == "approved";
  const bool involved = viewer.user_id == row.proposed_by || viewer.user_id == row.subject_id ||
                        row.beneficiary_id == viewer.user_id;
  json.begin_object().field("id", row.id).field("kind", row.kind);
  json.field("status", as_new ? "open" : row.state);
  write_person(json, "subject", row.subject_id, row.subject_username, row.subject_name);
  write_person(json, "beneficiary", row.beneficiary_id, row.beneficiary_username.value_or(""),
               row.beneficiary_name.value_or(""));
  json.key("change").raw(text_of(row.payload));
  json.field("sha256", to_hex(row.payload_hash)).field_or_null("reason", row.reason);
  write_person(json, "proposedBy", row.proposed_by, row.proposer_username, row.proposer_name);
  json.key("createdAt").time(row.created_at);
  json.key("expiresAt").time(row.expires_at);
  write_decision(json, row, as_new);
  json.key("signatures").begin_object();
  write_signature(json, "proposed", as_new ? std::nullopt : row.proposal_signature);
  write_signature(json, "approved", as_new ? std::nullopt : row.approval_signature);
  json.end_object();
  json.field("mayDecide", is_open && !involved && may_decide(viewer, kind));
  json.field("mayWithdraw", (as_new || row.state == "open") && viewer.user_id == row.proposed_by);
  json.end_object();
}

net::Response approval_response(int status, const ApprovalRow& row, const net::Principal& viewer,
                                bool as_new) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  write_approval(json, row, viewer, as_new);
  return response;
}

Error not_open(const ApprovalRow& row) {
  if (row.state == "expired") return {Code::approval_expired, "The proposal has expired."};
  return {Code::approval_decided, fmt::format("The proposal is {} already.", row.state)};
}

Task<Result<net::Response>> replayed_proposal(Service& service, net::Principal viewer, Uuid id) {
  const auto rows = co_await find_approval(service, id);
  if (!rows) co_return fail(rows.error());
  net::Response response = approval_response(202, rows->front(), viewer, true);
  response.header("Location", "/api/approvals/" + id.to_string());
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<std::optional<net::Response>>> propose(Service& service, net::Request& request,
                                                   Proposal proposal) {
  const net::Principal viewer = *request.principal;
  const Uuid id = Uuid::v7(now_us());
  const Hash256 hash = sha256(proposal.payload);
  auto submission = std::make_unique<ledger::Submission>();
  pg::Params params;
  params.add(id).add(name_of(proposal.kind)).add(proposal.subject).add(proposal.beneficiary);
  params.add_bytes(proposal.payload).add_bytes(hash).add(viewer.user_id).add(proposal.reason);
  submission->prelude =
      std::make_unique<ledger::PgPrelude>(queries::user::propose, std::move(params));
  submission->key = ledger::request_key(viewer.user_id, proposal.key, proposal.request_hash);
  submission->orders.push_back(approval_order(proposal.subject, viewer.user_id,
                                              {id, proposal.kind, to_hex(hash)}, "proposed",
                                              proposal.reason));
  submission->orders.front().refused = proposal.refused;
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  const ledger::Outcome& outcome = outcomes.front();
  if (!outcome) {
    // The database may refuse a new proposal before the ledger has looked for the key of an old
    // one.
    const bool unlooked = outcome.error().constraint.starts_with("approvals_");
    if (unlooked) {
      auto earlier =
          co_await earlier_proposal(service, request, proposal.key, proposal.request_hash);
      if (!earlier || *earlier) co_return earlier;
    }
    co_return fail(explain_action(outcome.error(), service.config.currency));
  }
  if (outcome->replayed) {
    if (!is_proposal(*outcome)) co_return std::nullopt;
    auto replayed = co_await replayed_proposal(service, viewer, outcome->reference);
    if (!replayed) co_return fail(std::move(replayed.error()));
    co_return std::move(*replayed);
  }
  const auto rows = co_await find_approval(service, id);
  if (!rows) co_return fail(rows.error());
  net::Response response = approval_response(202, rows->front(), viewer, true);
  response.header("Location", "/api/approvals/" + id.to_string());
  co_return response;
}

Task<Result<net::Response>> answer_proposed(Service& service, net::Request& request,
                                            Proposal proposal) {
  auto answer = co_await propose(service, request, std::move(proposal));
  if (!answer) co_return fail(std::move(answer.error()));
  if (!*answer) co_return fail(key_reused());
  co_return std::move(**answer);
}

Task<Result<std::optional<net::Response>>> earlier_proposal(Service& service, net::Request& request,
                                                            std::optional<Hash128> key,
                                                            Hash128 request_hash) {
  if (!key) co_return std::nullopt;
  const net::Principal viewer = *request.principal;
  const auto rows = co_await service.db.query(queries::user::find_proposal_of_key,
                                              pg::Params().add(viewer.user_id).add_bytes(*key));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return std::nullopt;
  const auto row = rows->front();
  const bool same = row.request_hash && std::ranges::equal(*row.request_hash, request_hash);
  if (!same || !row.reference || !row.change) co_return fail(key_reused());
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  auto replayed = co_await replayed_proposal(service, viewer, *row.reference);
  if (!replayed) co_return fail(std::move(replayed.error()));
  co_return std::move(*replayed);
}

}  // namespace instapay::user
