// Makes the pushes of payments from the ledger's batches, as payment_notices.cpp makes their mails.
// Runs where pushes are sent (docs/decisions/0042).
#include "queries/push.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {

const Follower& payment_pushes() {
  namespace q = queries::push;
  static const Follower follower{
      .number = 3,
      .name = "pushes",
      .application = "instapay user pushes",
      .lag_metric = "instapay_push_chains_lag_seconds",
      .lag_help = "For how long the oldest batch has waited that pushes are to be made of",
      .transfers_metric = "instapay_push_transfers_total",
      .transfers_help = "Transfers looked at for pushes",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<StatementDerivation>(connection, q::push_batches, q::move_chain);
      },
      .forget = {q::forget},
      .transfers_max = kPushTransfersMax,
  };
  return follower;
}

}  // namespace instapay::reporting
