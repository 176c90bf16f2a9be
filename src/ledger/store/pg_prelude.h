#pragma once
#include "ledger/commit/submission.h"
#include "pg/connection.h"

namespace instapay::ledger {

/// A prelude of PostgreSQL's. Its failures of class 2… (constraints, data) and IP012 (not for this
/// person to do) are refusals.
struct PgPrelude final : Prelude {
  PgPrelude(const pg::Statement& statement, pg::Params params)
      : step{statement, std::move(params)} {}
  pg::Connection::Step step;
};

}  // namespace instapay::ledger
