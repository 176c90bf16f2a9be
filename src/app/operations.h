#pragma once
// What every service answers besides its own routes: health, readiness, metrics, keys, documents.
#include <vector>

#include "async/task.h"
#include "auth/key_store.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "net/router.h"
#include "pg/pool.h"

namespace instapay::app {

/// What the database said about its schema, remembered for a second, so that probes cost no query
/// each. One for each I/O thread; those that ask while it is being asked wait for the same answer.
class SchemaCheck {
 public:
  struct Verdict {
    bool reachable = false, migrated = false;
  };
  Task<Verdict> ask(pg::Pool& db);

 private:
  Task<Verdict> query(pg::Pool& db);

  Verdict last_;
  std::int64_t asked_us_ = 0;
  bool asking_ = false;
  std::vector<CompletionPtr<Verdict>> waiting_;
};

struct Operations {
  Operations(const Config& c, std::string name, pg::Pool& pool, auth::KeyStore& key_store,
             const ledger::Ledger* writes)
      : config(c),
        service(std::move(name)),
        db(pool),
        keys(key_store),
        ledger(writes),
        schema_checks(static_cast<std::size_t>(c.io_threads)) {}

  const Config& config;
  std::string service;
  pg::Pool& db;
  auth::KeyStore& keys;
  const ledger::Ledger* ledger;            // null: this service writes nothing
  std::vector<SchemaCheck> schema_checks;  // by I/O thread
};

std::span<const net::Route<Operations>> operations_routes();

}  // namespace instapay::app
