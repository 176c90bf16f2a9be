#pragma once
// PINs: a few digits that somebody types on a device of theirs for a small payment
// (docs/decisions/0043). There are so few of them that they hold by being counted, not by being
// hard to guess. Pure.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::size_t kPinMin_digits = 4;
inline constexpr std::size_t kPinMax_digits = 8;
// Wrong ones in a row, and in all since it was set, after which the PIN is locked; the database
// holds the same numbers (db/migrations/0032_pins.sql).
inline constexpr int kPinFailuresMax = 5;
inline constexpr int kPinMissesMax = 15;

enum class PinProblem : std::uint8_t {
  too_short,
  too_long,
  invalid_format,  // not the digits 0 to 9
  too_weak,        // among what is tried first
};

/// Whether it can be a PIN at all; never too_weak.
std::optional<PinProblem> check_pin_shape(std::string_view pin);
/// Whether it may be set: not a digit or a pair over and over, a row of the keyboard up or down, or
/// a year or date that may be somebody's birthday.
std::optional<PinProblem> check_pin(std::string_view pin);

/// What is hashed (auth/password.h): the PIN, bound to its session.
std::string pin_phrase(std::string_view pin, const Uuid& session);
/// What its hash is sealed for (auth/secret_keys.h).
std::string pin_owner(const Uuid& user, const Uuid& session);

}  // namespace instapay::auth
