#pragma once
// The reporting service: read-only; what happened, added up.
#include "config/config.h"
#include "net/router.h"
#include "pg/pool.h"
#include "reporting/neighbours.h"
#include "reporting/time_zones.h"

namespace instapay::reporting {

struct Service {
  const Config& config;
  pg::Pool& db;
  IoThreads& io_threads;
  TimeZones zones{db};
  Neighbours neighbours{io_threads, config};
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::reporting
