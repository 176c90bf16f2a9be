#pragma once
// PINs of sessions (docs/decisions/0043): set after a second factor, counted before they are
// checked, and good for small payments. What a PIN is, is in auth/pin.h; what it is good for is the
// transaction service's to hold.
#include <optional>
#include <string>

#include "core/fields.h"
#include "net/http.h"
#include "queries/user.h"
#include "user/service.h"

namespace instapay::user {

/// Error: pins_not_configured.
Result<void> require_pins(const Config& config);

/// As somebody types it. Mistakes stay in `fields`.
std::string read_pin(Fields& fields, std::string_view name);

/// Sets that of this session, in place of the one there was. Errors: pin_too_weak,
/// step_up_required, token_revoked, rate_limited, overloaded.
Task<Result<void>> set_own_pin(Service& service, const net::Request& request, std::string pin);

/// Whether it is that of this session. Its row is as that of prove_session.sql. Errors:
/// pins_not_configured, pin_not_set, pin_wrong, pin_locked, overloaded.
Task<Result<pg::Rows>> prove_pin(Service& service, const net::Request& request, std::string pin);

std::unexpected<Error> no_pin();

/// What GET /api/users/me/factors says of PINs.
struct Pins {
  pg::TypedRows<queries::user::ListPinsRow> devices;
  std::optional<std::int64_t> own_per_payment, own_per_day;
  std::int64_t spent_today = 0;
};
Task<Result<Pins>> find_pins(Service& service, Uuid user);
/// An object; null where there are no PINs.
void write_pins(JsonWriter& json, const Pins& pins, const Config& config, const Uuid& session);
/// One of its devices, as the export has it too.
void write_pin(JsonWriter& json, const queries::user::ListPinsRow& pin);

}  // namespace instapay::user
