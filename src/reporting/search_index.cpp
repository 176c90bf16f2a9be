// Keeps transfer_search up with the ledger. The transaction service searches it.
#include "queries.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {
namespace {

namespace q = queries::reporting;

class SearchedTransfers : public Derivation {
 public:
  explicit SearchedTransfers(pg::Connection& connection) : connection_(connection) {}

  // A statement of its own: it sees every erasure that ended before the lock was ours.
  pg::Result<std::int64_t> take(const BatchRange& range) override {
    pg::Params params;
    params.add(range.chain).add(range.after).add(range.last);
    const auto rows = connection_.query(q::index_batches, params);
    if (!rows) return std::unexpected(rows.error());
    return rows->front().found;
  }

  pg::Result<bool> move(const BatchRange& range) override {
    pg::Params params;
    params.add(range.chain).add(range.after).add(range.last);
    const auto moved = connection_.query(q::move_search_chain, params);
    if (!moved) return std::unexpected(moved.error());
    return moved->affected() == 1;
  }

  pg::Result<void> write() override { return {}; }

 private:
  pg::Connection& connection_;
};

}  // namespace

const Follower& search_index() {
  static const Follower follower{
      .number = 1,
      .name = "search",
      .application = "instapay reporting search",
      .lag_metric = "instapay_search_lag_seconds",
      .lag_help = "For how long the oldest batch that is not in the search's table has waited",
      .transfers_metric = "instapay_search_indexed_transfers_total",
      .transfers_help = "Transfers carried into the search's table",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<SearchedTransfers>(connection);
      },
      .forget = {q::forget_search},
  };
  return follower;
}

}  // namespace instapay::reporting
