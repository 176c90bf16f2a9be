#include "user/pins.h"

#include <algorithm>

#include "auth/factor_metric.h"
#include "auth/pin.h"
#include "core/limits.h"
#include "telemetry/log.h"
#include "user/begin_session.h"
#include "user/factors.h"
#include "user/mails.h"
#include "user/user_agent.h"

namespace instapay::user {
namespace {

constexpr std::string_view kNoFactorShown = "IP015";  // db/migrations/0032_pins.sql
// Each setting mails its owner, so they are counted, apart from what else mails.
constexpr std::string_view kSettingPins = "the PINs of somebody's devices";

std::string device_of(const net::Request& request) {
  return describe_device(user_agent_of(request), request.address);
}

std::unexpected<Error> locked() {
  return fail(Code::pin_locked,
              "Too many wrong PINs; show another factor, and set a new PIN on this device.");
}

std::unexpected<Error> wrong(int attempts_left) {
  Error error{Code::pin_wrong,
              "This PIN is wrong; " + std::to_string(attempts_left) +
                  (attempts_left == 1 ? " attempt is left." : " attempts are left.")};
  error.attempts_left = attempts_left;
  return fail(std::move(error));
}

struct Attempt {
  Uuid pin;
  auth::SecretKeys::Sealed sealed_hash;
  int attempts_left = 0;
  std::int64_t factors_version = 0;
};

// Whether the PIN of this session is locked, as its row says now.
Task<Result<bool>> is_locked(Service& service, const net::Principal& who) {
  const auto pins = co_await service.db.query(
      queries::user::list_pins, std::move(pg::Params().add(who.user_id).add(kSessionsPerUserMax)));
  if (!pins) co_return fail(pg::to_error(pins.error()));
  for (const auto& pin : *pins)
    if (pin.session_id == who.session_id) co_return pin.locked;
  co_return false;
}

// Where no attempt is left the PIN is locked and its owner told, once, whoever finds that first.
// False: an attempt is left, since a right one was shown meanwhile or another PIN is set.
Task<Result<bool>> lock(Service& service, const net::Request& request, const Uuid& pin) {
  const net::Principal& who = *request.principal;
  pg::Params params;
  params.add(who.session_id).add(pin).add(device_of(request));
  params.add(service.config.sends_mails());
  const auto done = co_await service.db.query(queries::user::lock_pin, std::move(params));
  if (!done) co_return fail(pg::to_error(done.error()));
  if (done->empty()) co_return co_await is_locked(service, who);
  log::info("a PIN is locked", {{"user.id", who.user_id.to_string()}});
  co_return true;
}

Task<Result<Attempt>> begin_attempt(Service& service, const net::Request& request) {
  const net::Principal& who = *request.principal;
  const auto rows = co_await service.db.query(queries::user::begin_pin_attempt,
                                              pg::Params().add(who.user_id).add(who.session_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_pin();
  const auto row = rows->front();
  if (!row.begun) {
    auth::count_factor_check(Factor::pin, "locked");
    // Who made the last attempt may not have come to it.
    const auto is = co_await lock(service, request, row.pin_id);
    if (!is) co_return fail(is.error());
    if (*is) co_return locked();
    co_return fail(Code::overloaded, "Others show this PIN just now; ask again.");
  }
  Attempt attempt{
      .pin = row.pin_id, .attempts_left = row.attempts_left, .factors_version = row.factor_version};
  std::copy_n(row.key_id->begin(), std::min(row.key_id->size(), attempt.sealed_hash.key_id.size()),
              attempt.sealed_hash.key_id.begin());
  attempt.sealed_hash.bytes.assign(row.sealed_hash->begin(), row.sealed_hash->end());
  co_return attempt;
}

// An attempt that was not made is not counted.
Task<void> abandon(Service& service, const net::Principal& who, const Attempt& attempt) {
  const auto done = co_await service.db.query(queries::user::abandon_pin_attempt,
                                              pg::Params().add(who.session_id).add(attempt.pin));
  if (!done) log::warn("an attempt that was not made stays counted", {});
}

Task<Result<bool>> is_right(Service& service, const net::Principal& who, const Attempt& attempt,
                            std::string_view pin) {
  auto hash =
      service.factor_keys.open(attempt.sealed_hash, auth::pin_owner(who.user_id, who.session_id));
  if (!hash) {
    log::error("a PIN cannot be read: FACTOR_KEY lacks its key",
               {{"user.id", who.user_id.to_string()}});
    co_await abandon(service, who, attempt);
    co_return unreadable_factor();
  }
  auto match =
      co_await service.passwords.verify(auth::pin_phrase(pin, who.session_id), std::move(*hash));
  if (!match) {
    co_await abandon(service, who, attempt);
    co_return fail(std::move(match.error()));
  }
  co_return *match != auth::PasswordMatch::none;
}

Task<Result<pg::Rows>> refuse(Service& service, const net::Request& request,
                              const Attempt& attempt) {
  auth::count_factor_check(Factor::pin, "wrong");
  if (attempt.attempts_left > 0) co_return wrong(attempt.attempts_left);
  const auto is = co_await lock(service, request, attempt.pin);
  if (!is) co_return fail(is.error());
  if (*is) co_return locked();
  co_return wrong(1);  // at least
}

// A right PIN that counts for nothing: it was locked or replaced meanwhile, or its session ended.
Task<Result<pg::Rows>> refuse_late(Service& service, const net::Principal& who,
                                   const Attempt& attempt) {
  co_await abandon(service, who, attempt);  // it was not wrong
  const auto is = co_await is_locked(service, who);
  if (!is) co_return fail(is.error());
  if (*is) co_return locked();
  co_return no_pin();
}

}  // namespace

Result<void> require_pins(const Config& config) {
  if (config.pin_payment_limit_minor > 0) return {};
  return fail(Code::pins_not_configured, "This installation has no PINs.");
}

std::string read_pin(Fields& fields, std::string_view name) {
  std::string pin = fields.secret(name);
  if (fields.has_error(name)) return {};
  const auto problem = auth::check_pin_shape(pin);
  if (!problem) return pin;
  const std::string_view code = *problem == auth::PinProblem::too_short  ? "too_short"
                                : *problem == auth::PinProblem::too_long ? "too_long"
                                                                         : "invalid_format";
  fields.add_error(name, code, "A PIN has 4 to 8 digits.");
  return {};
}

Task<Result<void>> set_own_pin(Service& service, const net::Request& request, std::string pin) {
  const net::Principal& who = *request.principal;
  const std::string account = who.user_id.to_string();
  if (auto allowed = throttle_mail(service, {account, request.address, kSettingPins}); !allowed)
    co_return allowed;
  auto hash = co_await service.passwords.hash(auth::pin_phrase(pin, who.session_id));
  if (!hash) co_return fail(std::move(hash.error()));
  pg::Params params;
  params.add(who.user_id).add(who.session_id);
  add_sealed(params, service.factor_keys.seal(*hash, auth::pin_owner(who.user_id, who.session_id)));
  params.add(who.factors.version).add(device_of(request)).add(service.config.sends_mails());
  const auto rows = co_await service.db.query(queries::user::set_pin, std::move(params));
  if (!rows && rows.error().is(kNoFactorShown)) co_return fail(step_up_error());
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::token_revoked, "The session has ended; log in again.");
  log::info("a PIN was set", {{"user.id", who.user_id.to_string()}});
  co_return Result<void>();
}

Task<Result<pg::Rows>> prove_pin(Service& service, const net::Request& request, std::string pin) {
  if (auto there_are = require_pins(service.config); !there_are)
    co_return fail(std::move(there_are.error()));
  const net::Principal& who = *request.principal;
  const auto attempt = co_await begin_attempt(service, request);
  if (!attempt) co_return fail(attempt.error());
  const auto right = co_await is_right(service, who, *attempt, pin);
  if (!right) co_return fail(right.error());
  if (!*right) co_return co_await refuse(service, request, *attempt);
  pg::Params params;
  params.add(who.user_id).add(who.session_id).add(attempt->pin);
  params.add(static_cast<std::int32_t>(service.config.session_ttl_s));
  params.add(attempt->factors_version);
  auto rows = co_await service.db.query(queries::user::use_pin, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return co_await refuse_late(service, who, *attempt);
  auth::count_factor_check(Factor::pin, "right");
  co_return std::move(*rows);
}

std::unexpected<Error> no_pin() {
  return fail(Code::pin_not_set, "There is no PIN on this device.");
}

Task<Result<Pins>> find_pins(Service& service, Uuid user) {
  auto devices = co_await service.db.query(
      queries::user::list_pins, std::move(pg::Params().add(user).add(kSessionsPerUserMax)));
  if (!devices) co_return fail(pg::to_error(devices.error()));
  const auto limits =
      co_await service.db.query(queries::user::find_pin_limits, pg::Params().add(user));
  if (!limits) co_return fail(pg::to_error(limits.error()));
  Pins pins{.devices = std::move(*devices)};
  if (limits->empty()) co_return pins;
  const auto own = limits->front();
  pins.own_per_payment = own.per_payment;
  pins.own_per_day = own.per_day;
  pins.spent_today = own.spent;
  co_return pins;
}

void write_pins(JsonWriter& json, const Pins& pins, const Config& config, const Uuid& session) {
  if (!require_pins(config)) {
    json.null();
    return;
  }
  const auto effective = [](std::optional<std::int64_t> own, std::int64_t platform) {
    return std::min(own.value_or(platform), platform);
  };
  const Currency currency = config.currency;
  const std::int64_t per_day = effective(pins.own_per_day, config.pin_daily_limit_minor);
  json.begin_object().key("perPayment");
  json.amount(effective(pins.own_per_payment, config.pin_payment_limit_minor), currency);
  json.key("perDay").amount(per_day, currency);
  json.key("leftToday").amount(std::max<std::int64_t>(per_day - pins.spent_today, 0), currency);
  json.key("perPaymentMax").amount(config.pin_payment_limit_minor, currency);
  json.key("perDayMax").amount(config.pin_daily_limit_minor, currency);
  json.key("devices").begin_array();
  for (const auto& pin : pins.devices) {
    json.begin_object();
    write_pin(json, pin);
    json.field("current", pin.session_id == session).end_object();
  }
  json.end_array().end_object();
}

void write_pin(JsonWriter& json, const queries::user::ListPinsRow& pin) {
  json.field("sessionId", pin.session_id).field_or_null("userAgent", pin.user_agent);
  json.key("setAt").time(pin.set_at);
  json.key("lastUsedAt").time_or_null(pin.last_used_at);
  json.field("locked", pin.locked);
}

}  // namespace instapay::user
