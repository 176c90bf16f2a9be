#pragma once
// The reporting service: read-only; what happened, added up.
#include "config/config.h"
#include "net/router.h"
#include "pg/pool.h"

namespace instapay::reporting {

struct Service {
  const Config& config;
  pg::Pool& db;
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::reporting
