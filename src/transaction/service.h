#pragma once
// The transaction service: payments and their history.
#include "async/workers.h"
#include "auth/signing_key.h"
#include "auth/webauthn.h"
#include "config/config.h"
#include "core/limits.h"
#include "ledger/ledger.h"
#include "net/router.h"
#include "pg/pool.h"
#include "pg/time_zones.h"
#include "transaction/entry_feed.h"
#include "transaction/payee_directory.h"

namespace instapay::transaction {

struct Service {
  const Config& config;
  pg::Pool& db;
  ledger::Ledger& ledger;
  PayeeDirectory payees;
  EntryFeed& feed;
  const auth::SigningKeys& receipt_keys;
  const auth::RelyingParty relying_party;  // without a domain: there are no passkeys
  /// Whether the session that a long answer is for has not ended meanwhile.
  std::function<bool(const net::Principal&)> session_alive;
  Workers prover{1, kReceiptTransfersMax};  // hashes whole batches
  pg::TimeZones zones{db};
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::transaction
