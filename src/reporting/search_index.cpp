// Keeps transfer_search up with the ledger. The transaction service searches it.
#include "queries.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {

const Follower& search_index() {
  namespace q = queries::reporting;
  static const Follower follower{
      .number = 1,
      .name = "search",
      .application = "instapay reporting search",
      .lag_metric = "instapay_search_lag_seconds",
      .lag_help = "For how long the oldest batch that is not in the search's table has waited",
      .transfers_metric = "instapay_search_indexed_transfers_total",
      .transfers_help = "Transfers carried into the search's table",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<StatementDerivation>(connection, q::index_batches,
                                                     q::move_search_chain);
      },
      .forget = {q::forget_search},
  };
  return follower;
}

}  // namespace instapay::reporting
