#pragma once
// The ledger's store in PostgreSQL: one pipeline, one round trip for a batch (docs/ledger.md).
#include "ledger/store.h"
#include "pg/connection.h"

namespace instapay::ledger {

class PgStore final : public Store {
 public:
  explicit PgStore(pg::ConnectOptions options);

  bool connect() override;
  StoreResult<std::int32_t> open_chain() override;
  StoreResult<Known> load(const LoadRequest& request) override;
  StoreResult<void> write_ahead(const Plan& plan) override;
  StoreResult<void> commit(const Plan& plan) override;
  StoreResult<void> confirm(const Plan& plan) override;
  StoreResult<void> roll_back() override;
  StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) override;

 private:
  StoreFailure explain(const pg::Failure& failure, const pg::Statement* prelude = nullptr);
  StoreFailure explain_in_transaction(const pg::Failure& failure);
  void end_lost_backends();

  pg::ConnectOptions options_;
  std::optional<pg::Connection> connection_;
  enum class Open : std::uint8_t { nothing, transaction, entries };  // entries: write_ahead()
  Open open_ = Open::nothing;
  int backend_pid_ = 0;
  std::vector<int> lost_backends_;  // since the last settled fence: they may still be at work
};

/// Reads a row of find_keys.sql and of queries of the same columns.
Transfer transfer_of(const pg::Rows& rows, int row);

}  // namespace instapay::ledger
