#pragma once
// Second factors as every service sees them: what an access token says of them, and when one is
// asked for once more (docs/decisions/0025).
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.h"

namespace instapay {

// A PIN is no second factor: it stands for one in small payments (docs/decisions/0043).
enum class Factor : std::uint8_t { passkey, totp, recovery_code, pin };

// The second factors; what people are asked for first stands first.
inline constexpr Factor kFactors[] = {Factor::passkey, Factor::totp, Factor::recovery_code};

constexpr std::string_view name_of(Factor factor) {
  if (factor == Factor::passkey) return "passkey";
  if (factor == Factor::pin) return "pin";
  return factor == Factor::totp ? "totp" : "recovery_code";
}

constexpr std::optional<Factor> parse_factor(std::string_view text) {
  for (const Factor factor : kFactors)
    if (name_of(factor) == text) return factor;
  return std::nullopt;
}

// How long a factor counts where it is asked for once more.
inline constexpr std::int64_t kStepUpMaxAge_s = 300;

/// Of a session and its user.
struct FactorState {
  std::int64_t version = 0;  // grows whenever what is set up, or the rules below, change
  bool enrolled = false;
  std::optional<Factor> proven_by;  // of this session
  std::int64_t proven_at_s = 0;
  // Of the payments that ask for a factor: those above this, in minor units, and those to people
  // who were not paid before.
  std::optional<std::int64_t> step_up_above_minor;
  bool step_up_new_payees = false;
  // When a PIN was shown in this session (0: not), and the most that its user lets one stand for.
  std::int64_t pin_proven_at_s = 0;
  std::optional<std::int64_t> pin_per_payment_minor;

  bool operator==(const FactorState&) const = default;

  /// Whether what needs a factor has to wait for one. Who has none is not asked.
  bool needs_proof(std::int64_t now_s) const {
    return enrolled && (!proven_by || now_s - proven_at_s > kStepUpMaxAge_s);
  }
  /// Whether a PIN was shown not long ago.
  bool has_shown_pin(std::int64_t now_s) const {
    return pin_proven_at_s > 0 && now_s - pin_proven_at_s <= kStepUpMaxAge_s;
  }
};

/// Asks for a factor not older than kStepUpMaxAge_s, or for a PIN where that is enough.
Error step_up_error(bool pin_is_enough = false);

/// Error: step_up_required.
Result<void> require_step_up(const FactorState& state, std::int64_t now_s);

}  // namespace instapay
