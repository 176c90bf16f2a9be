#include "user/factor_upkeep.h"

#include "auth/pin.h"
#include "queries.h"
#include "user/factors.h"

namespace instapay::user {
namespace {

// Of one row of stale_factors.sql: whether it is sealed by the first key from now on.
pg::Result<bool> reseal(pg::Connection& connection, const auth::SecretKeys& keys,
                        const pg::Rows& stale, int row) {
  const Uuid user = stale.uuid(row, 0);
  const auto secret = open_totp(keys, user, read_sealed(stale, row, 1));
  if (!secret) return false;
  pg::Params params;
  params.add(user).add_bytes(stale.bytes(row, 2));
  add_sealed(params, keys.seal(*secret, totp_owner(user)));
  const auto done = connection.query(queries::user::reseal_factor, params);
  if (!done) return std::unexpected(done.error());
  return !done->empty();
}

// The same of one row of stale_pins.sql.
pg::Result<bool> reseal_pin(pg::Connection& connection, const auth::SecretKeys& keys,
                            const pg::Rows& stale, int row) {
  const Uuid session = stale.uuid(row, 0);
  const std::string owner = auth::pin_owner(stale.uuid(row, 3), session);
  const auto hash = keys.open(read_sealed(stale, row, 1), owner);
  if (!hash) return false;
  pg::Params params;
  params.add(session).add_bytes(stale.bytes(row, 2));
  add_sealed(params, keys.seal(*hash, owner));
  const auto done = connection.query(queries::user::reseal_pin, params);
  if (!done) return std::unexpected(done.error());
  return !done->empty();
}

using Reseal = pg::Result<bool> (*)(pg::Connection&, const auth::SecretKeys&, const pg::Rows&, int);

// How many of them are sealed by the first key from now on.
pg::Result<std::int64_t> reseal_all(pg::Connection& connection, const auth::SecretKeys& keys,
                                    pg::Statement list, Reseal reseal_one) {
  std::int64_t resealed = 0;
  Uuid last;
  while (true) {
    const auto stale = connection.query(list, pg::Params().add_bytes(keys.current_id()).add(last));
    if (!stale) return std::unexpected(stale.error());
    if (stale->empty()) return resealed;
    for (int i = 0; i < stale->size(); ++i) {
      const auto done = reseal_one(connection, keys, *stale, i);
      if (!done) return std::unexpected(done.error());
      resealed += *done ? 1 : 0;
      last = stale->uuid(i, 0);
    }
  }
}

}  // namespace

pg::Result<std::int64_t> keep_up_factors(pg::Connection& connection, const auth::SecretKeys& keys) {
  const auto purged =
      connection.query(queries::user::purge_enrolments, pg::Params().add(kEnrolmentTtl_s));
  if (!purged) return std::unexpected(purged.error());
  const auto forgotten_days = connection.query(queries::user::purge_service_days, pg::Params());
  if (!forgotten_days) return std::unexpected(forgotten_days.error());
  const auto forgotten_sums = connection.query(queries::user::purge_pin_days, pg::Params());
  if (!forgotten_sums) return std::unexpected(forgotten_sums.error());
  for (bool is_more = true; is_more;) {
    const auto forgotten = connection.query(queries::user::purge_spent_challenges,
                                            pg::Params().add(kChallengesForgotten));
    if (!forgotten) return std::unexpected(forgotten.error());
    is_more = forgotten->affected() == kChallengesForgotten;
  }
  const auto apps = reseal_all(connection, keys, queries::user::stale_factors, reseal);
  if (!apps) return apps;
  const auto pins = reseal_all(connection, keys, queries::user::stale_pins, reseal_pin);
  if (!pins) return pins;
  return *apps + *pins;
}

}  // namespace instapay::user
