#pragma once
// What every service answers besides its own routes: health, readiness, metrics, keys, documents.
#include "auth/key_store.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "net/router.h"
#include "pg/pool.h"

namespace instapay::app {

struct Operations {
  const Config& config;
  std::string service;
  pg::Pool& db;
  auth::KeyStore& keys;
  const ledger::Ledger* ledger;  // null: this service writes nothing
};

std::span<const net::Route<Operations>> operations_routes();

}  // namespace instapay::app
