#pragma once
// The user service: registration, sessions, profiles, and the operators' side of them.
#include "auth/device_tokens.h"
#include "auth/login_challenge.h"
#include "auth/login_throttle.h"
#include "auth/passkey_challenge.h"
#include "auth/rate_limiter.h"
#include "auth/revocation_feed.h"
#include "auth/secret_keys.h"
#include "auth/signing_key.h"
#include "auth/webauthn.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "mail/mailbox.h"
#include "net/router.h"
#include "pg/pool.h"
#include "pg/time_zones.h"
#include "push/vapid.h"
#include "user/passwords.h"

namespace instapay::user {

struct Service {
  const Config& config;
  pg::Pool& db;
  ledger::Ledger& ledger;
  const auth::SigningKeys& keys;
  auth::LoginThrottle& throttle;
  auth::RevocationFeed& revocations;
  Passwords& passwords;
  const auth::DeviceTokens& devices;
  const auth::LoginChallenges& challenges;
  const auth::PasskeyChallenges& passkey_challenges;
  const auth::RelyingParty relying_party;  // without a domain: there are no passkeys
  const auth::SecretKeys& factor_keys;
  auth::LoginThrottle& mail_throttle;    // of what sends a mail to an address
  const mail::Mailbox& mailbox;          // what was sent, while developing
  auth::LoginThrottle& client_throttle;  // of wrong credentials of service accounts
  auth::RateLimiter& token_limiter;      // of the tokens that each asks for
  const push::VapidKeys& vapid;          // by which browsers subscribe
  pg::TimeZones zones{db};
};

std::span<const net::Route<Service>> routes();

}  // namespace instapay::user
