#pragma once
// The reporting service: read-only; what happened, added up.
#include "async/workers.h"
#include "auth/signing_key.h"
#include "config/config.h"
#include "documents/statement.h"
#include "net/router.h"
#include "pg/pool.h"
#include "pg/time_zones.h"
#include "reporting/neighbours.h"
#include "reporting/reads.h"

namespace instapay::reporting {

struct Service {
  const Config& config;
  pg::Pool& db;  // the primary
  pg::StandbyPool* standbys;
  IoThreads& io_threads;
  const auth::SigningKeys& receipt_keys;  // sign printed statements
  Reads reads{db, standbys};              // for what is shown
  pg::TimeZones zones{db};
  Neighbours neighbours{io_threads, config};
  Workers renderer{1, documents::kStatementsRenderingMax_entries};
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::reporting
