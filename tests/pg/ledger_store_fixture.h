#pragma once
// PgStore with two wallets of 1,000 and 500, for the tests of what it does.
#include "pg/ledger_books.h"

namespace instapay::testing {

class LedgerStore : public ::testing::Test {
 protected:
  using Kind = StoreFailure::Kind;

  // One database for all of an executable's: each test has wallets and a chain of its own.
  static Books& shared() {
    static Books books;
    books.begin_again();
    return books;
  }
  Books& books_ = shared();
  AccountId a_ = books_.wallet(1'000), b_ = books_.wallet(500);

  std::int64_t entries() { return books_.number("SELECT count(*) FROM entries"); }
  StoreResult<void> commit(const Plan& plan) { return books_.mine().commit(plan); }
  /// Something else has been committed since it was planned.
  Plan in_next_place(Plan plan) const {
    plan.row.seq = books_.position().seq;
    return plan;
  }

  /// Whether the last statement of the application's one connection was a barrier of the log.
  bool is_at_barrier(const std::string& application) {
    return books_.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = '" +
                         application + "' AND query LIKE '%pg_logical_emit_message%'") == 1;
  }

  template <class T>
  static Kind kind_of(const StoreResult<T>& result) {
    EXPECT_FALSE(result);
    return result ? Kind::broken : result.error().kind;
  }
};

}  // namespace instapay::testing
