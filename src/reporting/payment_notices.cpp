// Makes the mails of payments from the ledger's batches, for who wants some: in the transaction
// that moves the chain's place on, so none is lost and none made twice. Runs where mails are sent
// (docs/decisions/0037).
#include "queries.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {
namespace {

namespace q = queries::mail;

class PaymentNotices : public Derivation {
 public:
  explicit PaymentNotices(pg::Connection& connection) : connection_(connection) {}

  pg::Result<std::int64_t> take(const BatchRange& range) override {
    pg::Params params;
    params.add(range.chain).add(range.after).add(range.last);
    const auto rows = connection_.query(q::mail_batches, params);
    if (!rows) return std::unexpected(rows.error());
    return rows->front().found;
  }

  pg::Result<bool> move(const BatchRange& range) override {
    pg::Params params;
    params.add(range.chain).add(range.after).add(range.last);
    const auto moved = connection_.query(q::move_notice_chain, params);
    if (!moved) return std::unexpected(moved.error());
    return moved->affected() == 1;
  }

  pg::Result<void> write() override { return {}; }

 private:
  pg::Connection& connection_;
};

}  // namespace

const Follower& payment_notices() {
  static const Follower follower{
      .number = 2,
      .name = "notices",
      .application = "instapay user notices",
      .lag_metric = "instapay_notices_lag_seconds",
      .lag_help = "For how long the oldest batch has waited that mails are to be made of",
      .transfers_metric = "instapay_notices_transfers_total",
      .transfers_help = "Transfers looked at for mails",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<PaymentNotices>(connection);
      },
      .forget = {q::forget_notices},
  };
  return follower;
}

}  // namespace instapay::reporting
