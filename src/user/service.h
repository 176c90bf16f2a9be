#pragma once
// The user service: people, their sessions and tokens, their wallets' opening.
#include "auth/login_throttle.h"
#include "auth/password_hasher.h"
#include "auth/revocations.h"
#include "auth/signing_key.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "net/router.h"
#include "pg/pool.h"

namespace instapay::user {

struct Service {
  const Config& config;
  pg::Pool& db;
  ledger::Ledger& ledger;
  IoThreads& threads;
  const auth::SigningKeys& keys;
  auth::Revocations& revocations;
  auth::PasswordHasher& hasher;
  auth::LoginThrottle& throttle;
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::user
