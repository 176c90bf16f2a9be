#pragma once
// What the ledger counts with. Types of their own, so that an amount is no time and no number of an
// entry; each is one 64-bit word.
#include <compare>
#include <cstdint>
#include <functional>

#include "core/money.h"
#include "core/time.h"
#include "core/uuid.h"

namespace instapay::ledger {

/// Money in minor units of the ledger's currency; negative where it is a change.
struct Amount {
  std::int64_t minor = 0;

  auto operator<=>(const Amount&) const = default;
  constexpr Amount operator-() const { return {-minor}; }
  friend constexpr Amount operator+(Amount a, Amount b) { return {a.minor + b.minor}; }
  friend constexpr Amount operator-(Amount a, Amount b) { return {a.minor - b.minor}; }
  constexpr Amount& operator+=(Amount other) { return *this = *this + other; }
  constexpr Amount& operator-=(Amount other) { return *this = *this - other; }
};
/// Bounds every amount and balance: any two add up in 64 bits.
inline constexpr Amount kAmountMax{kAmountMax_minor};

/// A moment, in microseconds since 1970, UTC.
struct Time {
  std::int64_t us = 0;

  auto operator<=>(const Time&) const = default;
};

/// The number of an entry in its account: 1, 2, 3, … without gaps; 0: there is none.
struct Seq {
  std::int64_t value = 0;

  auto operator<=>(const Seq&) const = default;
  constexpr Seq next() const { return {value + 1}; }
};

/// A UTC day, in days since 1970: what a daily limit counts.
struct Day {
  std::int32_t number = 0;

  auto operator<=>(const Day&) const = default;
  constexpr Time begins() const { return {number * kDay_us}; }
  constexpr Time ends() const { return {(number + std::int64_t{1}) * kDay_us}; }
};
constexpr Day day_of(Time time) { return {static_cast<std::int32_t>(time.us / kDay_us)}; }

/// An account. A wallet's is its user's id.
struct AccountId {
  Uuid uuid;

  auto operator<=>(const AccountId&) const = default;
  std::string to_string() const { return uuid.to_string(); }
};

// All money comes from and goes to these two; wallets and they sum to zero.
inline constexpr AccountId kOpeningAccount{Uuid::reserved(1)};
inline constexpr AccountId kSettlementAccount{Uuid::reserved(2)};
/// Who acts at the command line of the installation. Has no account.
inline constexpr Uuid kCommandLine = Uuid::reserved(3);

}  // namespace instapay::ledger

template <>
struct std::hash<instapay::ledger::AccountId> {
  std::size_t operator()(const instapay::ledger::AccountId& id) const noexcept {
    return std::hash<instapay::Uuid>{}(id.uuid);
  }
};
