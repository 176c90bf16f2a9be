// Makes the mails of payments from the ledger's batches, for who wants some: in the transaction
// that moves the chain's place on, so none is lost and none made twice. Runs where mails are sent
// (docs/decisions/0037).
#include "queries.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {

const Follower& payment_notices() {
  namespace q = queries::mail;
  static const Follower follower{
      .number = 2,
      .name = "notices",
      .application = "instapay user notices",
      .lag_metric = "instapay_notices_lag_seconds",
      .lag_help = "For how long the oldest batch has waited that mails are to be made of",
      .transfers_metric = "instapay_notices_transfers_total",
      .transfers_help = "Transfers looked at for mails",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<StatementDerivation>(connection, q::mail_batches,
                                                     q::move_notice_chain);
      },
      .forget = {q::forget_notices},
  };
  return follower;
}

}  // namespace instapay::reporting
