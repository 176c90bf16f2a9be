#include "transaction/prove.h"

#include "ledger/domain/proposal_step.h"
#include "ledger/proof/batch_reader.h"
#include "ledger/store/durable.h"
#include "ledger/store/rows.h"
#include "queries/transaction.h"
#include "telemetry/log.h"

namespace instapay::transaction {
namespace {

using Found = queries::transaction::FindReceiptRow;

ledger::BatchRow batch_of(const Found& found) {
  return {.chain_id = found.chain_id,
          .seq = found.seq,
          .prev_hash = ledger::hash_of(found.prev_hash),
          .merkle_root = ledger::hash_of(found.merkle_root),
          .transfer_count = found.transfer_count,
          .committed = {found.committed_at},
          .secret = found.secret ? ledger::hash_of(*found.secret) : Hash256{}};
}

Shown shown_to(const Found& found, const Uuid& user) {
  if (found.account_id == user) return Shown::payer;
  return found.counterparty_id == user ? Shown::payee : Shown::neither;
}

// What the payer has signed. It says what the note was, so a note that was erased keeps it from
// being checked; of a payer who was erased there is none any more.
Task<Result<std::optional<Approval>>> find_approval(Service& service, ledger::Transfer transfer) {
  const auto hash = ledger::authorization_of(transfer);
  if (!hash || transfer.note_hash || !transfer.key) co_return std::nullopt;
  const auto rows = co_await service.db.query(queries::transaction::find_authorization,
                                              std::move(pg::Params().add_bytes(*hash)));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return std::nullopt;
  co_return Approval{.authorization = read_authorization(rows->front()),
                     .idempotency_key = transfer.key->key,
                     .origin = {}};
}

// What staff have signed of the proposal. It says why, so a reason that was erased keeps it from
// being checked; and it says of whom what their balance and status were, so whoever else was paid
// by it is shown hashes.
Task<Result<std::optional<ProposalProof>>> find_proposal(Service& service,
                                                         ledger::Transfer transfer,
                                                         net::Principal viewer) {
  const auto step = ledger::signed_step(transfer.change);
  if (!step || transfer.note_hash) co_return std::nullopt;
  std::vector<std::string_view> hashes;
  for (const Hash256& hash : step->signatures)
    hashes.emplace_back(reinterpret_cast<const char*>(hash.data()), hash.size());
  pg::Params params;
  params.add(step->proposal).add_bytes_array(hashes);
  const auto rows =
      co_await service.db.query(queries::transaction::find_signatures, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (static_cast<std::size_t>(rows->size()) != hashes.size()) co_return std::nullopt;
  if (!viewer.is_staff() && rows->front().subject_id != viewer.user_id) co_return std::nullopt;
  ProposalProof proof;
  for (const auto& row : *rows) {
    proof.proposal = {.id = step->proposal,
                      .kind = step->kind,
                      .subject = row.subject_id,
                      .beneficiary = row.beneficiary_id.value_or(Uuid{}),
                      .proposer = row.proposed_by,
                      .payload = {row.payload.begin(), row.payload.end()}};
    proof.signatures.push_back({.decision = std::string(row.decision),
                                .signer = row.signer_id,
                                .authorization = read_authorization(row)});
  }
  co_return proof;
}

}  // namespace

Task<Result<Receipt>> prove(Service& service, Uuid id, net::Principal principal, bool own) {
  const auto rows =
      co_await service.db.query(queries::transaction::find_receipt, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  // Somebody else's is as good as none.
  const Shown side = rows->empty() ? Shown::neither : shown_to(rows->front(), principal.user_id);
  if (rows->empty() || !(side != Shown::neither || principal.is_staff()))
    co_return fail(Code::transaction_not_found, "There is no such transaction.");
  // What is proved must not be lost by a failover.
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  const Found found = rows->front();
  const ledger::BatchRow batch = batch_of(found);
  auto entries = co_await ledger::read_batch(
      service.db, {batch.chain_id, batch.seq, batch.transfer_count, found.ctid.block});
  if (!entries) co_return fail(pg::to_error(entries.error()));

  const Shown shown = own ? side : Shown::neither;
  const auto index = static_cast<std::size_t>(found.position);
  auto made = co_await service.prover.run(
      static_cast<std::size_t>(batch.transfer_count),
      [&batch, entries = std::move(*entries), index, shown,
       currency = service.config.currency]() -> std::optional<Receipt> {
        const auto transfers = ledger::transfers_of(entries, batch.transfer_count);
        if (!transfers) return std::nullopt;
        return make_receipt(batch, *transfers, index, shown, currency);
      });
  if (!made) co_return fail({Code::overloaded, "Too many receipts are being made right now."});
  std::optional<Receipt>& receipt = *made;
  if (!receipt || receipt->transfer.id != id ||
      receipt->batch_hash != ledger::hash_of(found.hash)) {
    log::error("the books differ from what was hashed; run `instapay audit`",
               {{"instapay.chain", std::int64_t{batch.chain_id}}, {"instapay.batch", batch.seq}});
    co_return fail(Code::internal_error, "The ledger does not prove this transaction.");
  }
  if (own) {
    auto approval = co_await find_approval(service, receipt->transfer);
    if (!approval) co_return fail(std::move(approval.error()));
    receipt->approval = std::move(*approval);
    auto proposal = co_await find_proposal(service, receipt->transfer, principal);
    if (!proposal) co_return fail(std::move(proposal.error()));
    receipt->proposal = std::move(*proposal);
  }
  co_return *std::move(receipt);
}

}  // namespace instapay::transaction
