#pragma once
// What a service does beside its requests, on a thread of its own: brings the schema up to date,
// fetches the keys that verify tokens, forgets expired sessions, seals second factors anew after a
// change of key, watches the ledger.
#include <thread>

#include "app/ledger_watch.h"
#include "auth/key_store.h"
#include "auth/secret_keys.h"
#include "pg/connection.h"

namespace instapay::app {

struct HousekeeperTasks {
  pg::ConnectOptions owner;                     // for migrations; no url: somebody else migrates
  pg::ConnectOptions user_role;                 // for purging sessions; no url: somebody else does
  std::optional<auth::SecretKeys> factor_keys;  // for the upkeep of second factors, beside that
  pg::ConnectOptions reporting_role;  // for watching the ledger; no url: somebody else does
  std::string jwks_url;               // empty: the keys are here already
  auth::KeySet receipt_keys;          // none of them may verify tokens
};

class Housekeeper {
 public:
  Housekeeper(HousekeeperTasks tasks, auth::KeyStore& keys);

 private:
  void run(const std::stop_token& stop);
  bool migrate();
  void fetch_keys();
  void purge_sessions();
  void keep_up_factors(pg::Connection& connection);

  HousekeeperTasks tasks_;
  auth::KeyStore& keys_;
  LedgerWatch ledger_watch_;
  bool migrated_ = false, complained_ = false;
  std::int64_t purge_at_us_ = 0;
  std::jthread thread_;
};

}  // namespace instapay::app
