#pragma once
// The ledger's store in PostgreSQL: one statement, one round trip for a batch (docs/ledger.md).
#include "ledger/store/store.h"
#include "pg/connection.h"

namespace instapay::ledger {

class PgStore final : public Store {
 public:
  explicit PgStore(pg::ConnectOptions options);

  Connected connect() override;
  StoreResult<std::int32_t> open_chain(std::string_view currency) override;
  StoreResult<bool> has_batch(const BatchRef& batch) override;
  StoreResult<Time> clock() override;
  StoreResult<Known> load(const LoadRequest& request) override;
  StoreResult<void> write_ahead(const Plan& plan) override;
  StoreResult<void> commit(const Plan& plan) override;
  StoreResult<void> confirm(const Plan& plan) override;
  StoreResult<void> roll_back() override;
  StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) override;

 private:
  StoreFailure explain(const pg::Failure& failure, const pg::Statement* prelude = nullptr);
  StoreFailure explain_in_transaction(const pg::Failure& failure);
  StoreResult<Hash256> find_batch(std::int32_t chain_id, std::int64_t seq);
  void end_lost_backends();

  pg::ConnectOptions options_;
  std::optional<pg::Connection> connection_;
  enum class Open : std::uint8_t { nothing, transaction, written };  // written: write_ahead()
  Open open_ = Open::nothing;
  int backend_pid_ = 0;
  std::vector<int> lost_backends_;  // since the last settled fence: they may still be at work
};

}  // namespace instapay::ledger
