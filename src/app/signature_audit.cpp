#include "app/signature_audit.h"

#include <fmt/format.h>

#include "queries/ledger.h"
#include "transaction/proposal_proof.h"

namespace instapay::app {
namespace {

std::string difference_of(const queries::ledger::AuditProposalsRow& row) {
  const transaction::SignedProposal proposal{.id = row.approval_id,
                                             .kind = std::string(row.kind),
                                             .subject = row.subject_id,
                                             .beneficiary = row.beneficiary_id.value_or(Uuid{}),
                                             .proposer = row.proposed_by,
                                             .payload = {row.payload.begin(), row.payload.end()}};
  const auto origin = transaction::verify_authorization(
      transaction::read_authorization(row),
      transaction::proposal_challenge(proposal, row.decision, row.signer_id));
  if (origin) return {};
  return fmt::format("proposal {}: the passkey of {} has not signed that it was {} ({})",
                     row.approval_id.to_string(), row.signer_id.to_string(), row.decision,
                     auth::name_of(origin.error()));
}

}  // namespace

pg::Result<std::string> check_signatures(pg::Connection& connection) {
  std::string last;
  for (;;) {
    pg::Params params;
    params.add_bytes(last);
    const auto rows = connection.query(queries::ledger::audit_proposals, params);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::string();
    for (const auto& row : *rows)
      if (auto difference = difference_of(row); !difference.empty()) return difference;
    const auto newest = rows->back();
    last.assign(newest.hash.begin(), newest.hash.end());
  }
}

}  // namespace instapay::app
