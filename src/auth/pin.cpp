#include "auth/pin.h"

#include <algorithm>
#include <array>

namespace instapay::auth {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 111111, 121212, 123123: the same over and over.
bool repeats(std::string_view pin) {
  for (std::size_t period = 1; period <= pin.size() / 2; ++period) {
    if (pin.size() % period != 0) continue;
    if (pin.substr(period) == pin.substr(0, pin.size() - period)) return true;
  }
  return false;
}

// 123456, 7890, 9876, 2468: every digit the same step from the one before, around the end.
bool steps(std::string_view pin) {
  const auto step = [&](std::size_t i) { return (pin[i] - pin[i - 1] + 10) % 10; };
  for (std::size_t i = 2; i < pin.size(); ++i)
    if (step(i) != step(1)) return false;
  return true;
}

// 112233: pairs that step.
bool steps_in_pairs(std::string_view pin) {
  if (pin.size() % 2 != 0) return false;
  std::string halved;
  for (std::size_t i = 0; i < pin.size(); i += 2) {
    if (pin[i] != pin[i + 1]) return false;
    halved += pin[i];
  }
  return halved.size() < 3 || steps(halved);
}

// Of the keyboard of a telephone, and what people choose most beside all of that.
constexpr std::array<std::string_view, 14> kCommon = {
    "2580", "0852", "1470",   "0741",   "3690",   "0963",     "1379",
    "5683", "7410", "147258", "159753", "123321", "12344321", "14725836"};

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool is_year(std::string_view pin) {
  const int year = number(pin);
  return year >= 1900 && year <= 2099;
}

bool is_month(std::string_view pin) { return number(pin) >= 1 && number(pin) <= 12; }

bool is_day_and_month(std::string_view pin) {
  const auto fits = [](std::string_view day, std::string_view month) {
    return number(day) >= 1 && number(day) <= 31 && is_month(month);
  };
  return fits(pin.substr(0, 2), pin.substr(2)) || fits(pin.substr(2), pin.substr(0, 2));
}

// 1990, 1205, 051990, 199005, 120590, 900512, 12051990, 19900512: what a birthday looks like. Of
// six digits two are a year of any century.
bool is_birthday(std::string_view pin) {
  if (pin.size() == 4) return is_year(pin) || is_day_and_month(pin);
  if (pin.size() == 6)
    return is_day_and_month(pin.substr(0, 4)) || is_day_and_month(pin.substr(2)) ||
           (is_year(pin.substr(0, 4)) && is_month(pin.substr(4))) ||
           (is_year(pin.substr(2)) && is_month(pin.substr(0, 2)));
  if (pin.size() == 8)
    return (is_year(pin.substr(0, 4)) && is_day_and_month(pin.substr(4))) ||
           (is_year(pin.substr(4)) && is_day_and_month(pin.substr(0, 4)));
  return false;
}

}  // namespace

std::optional<PinProblem> check_pin_shape(std::string_view pin) {
  if (!std::ranges::all_of(pin, is_digit)) return PinProblem::invalid_format;
  if (pin.size() < kPinMin_digits) return PinProblem::too_short;
  if (pin.size() > kPinMax_digits) return PinProblem::too_long;
  return std::nullopt;
}

std::optional<PinProblem> check_pin(std::string_view pin) {
  if (const auto problem = check_pin_shape(pin)) return problem;
  if (repeats(pin) || steps(pin) || steps_in_pairs(pin) || is_birthday(pin) ||
      std::ranges::find(kCommon, pin) != kCommon.end())
    return PinProblem::too_weak;
  return std::nullopt;
}

std::string pin_phrase(std::string_view pin, const Uuid& session) {
  return "pin " + session.to_string() + " " + std::string(pin);
}

std::string pin_owner(const Uuid& user, const Uuid& session) {
  return std::string("pin\n")
      .append(user.bytes.begin(), user.bytes.end())
      .append(session.bytes.begin(), session.bytes.end());
}

}  // namespace instapay::auth
