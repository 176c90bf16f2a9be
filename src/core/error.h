#pragma once
// The one table of error codes, and the Error that carries one.
//
// Every expected failure is an Error inside std::expected; a bug asserts. The codes are part of
// the API: clients decide by them, so a code never changes its meaning. On the wire an Error is
// RFC 9457 problem+json (net/http.h).
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace instapay {

enum class Code : std::uint8_t {
  bad_request,
  invalid_json,
  idempotency_key_invalid,
  token_missing,
  token_invalid,
  token_expired,
  token_revoked,
  invalid_credentials,
  second_factor_required,
  challenge_invalid,
  factor_code_invalid,
  passkey_invalid,
  passkey_copied,
  pin_wrong,
  refresh_token_invalid,
  refresh_token_reused,
  forbidden,
  step_up_required,
  step_up_impossible,
  pin_limit,
  pin_locked,
  insufficient_scope,
  factor_enrolment_required,
  not_the_sender,
  request_not_allowed,
  account_closed,
  account_frozen,
  route_not_found,
  user_not_found,
  payee_not_found,
  transaction_not_found,
  request_not_found,
  split_not_found,
  schedule_not_found,
  mandate_not_found,
  draw_not_found,
  hold_not_found,
  approval_not_found,
  session_not_found,
  service_account_not_found,
  factor_not_found,
  pin_not_set,
  method_not_allowed,
  not_acceptable,
  request_timeout,
  email_taken,
  username_taken,
  factor_exists,
  last_factor,
  not_erasable,
  balance_not_zero,
  wallet_closed,
  request_already_paid,
  request_declined,
  request_cancelled,
  request_expired,
  schedule_ended,
  occurrence_passed,
  mandate_not_accepted,
  mandate_accepted,
  mandate_ended,
  draw_settled,
  hold_captured,
  hold_released,
  hold_expired,
  approval_decided,
  approval_expired,
  approval_outdated,
  last_admin,
  body_too_large,
  uri_too_long,
  unsupported_media_type,
  validation_failed,
  range_too_wide,
  insufficient_funds,
  self_transfer,
  sender_frozen,
  receiver_unavailable,
  payer_unavailable,
  transfer_limit_exceeded,
  daily_limit_exceeded,
  unverified_limit_exceeded,
  allowance_exceeded,
  balance_limit_exceeded,
  idempotency_key_reused,
  batch_rejected,
  refund_exceeds_transfer,
  not_refundable,
  capture_exceeds_hold,
  rename_limit_exceeded,
  passkey_limit_exceeded,
  pin_too_weak,
  service_account_limit_exceeded,
  credential_limit_exceeded,
  link_invalid,
  request_amount_fixed,
  request_limit_exceeded,
  approval_limit_exceeded,
  split_amounts_mismatch,
  schedule_limit_exceeded,
  mandate_limit_exceeded,
  draw_limit_exceeded,
  reminder_too_soon,
  idempotency_key_required,
  rate_limited,
  login_throttled,
  headers_too_large,
  internal_error,
  mail_not_configured,
  passkeys_not_configured,
  pins_not_configured,
  overloaded,
  database_unavailable,
  database_timeout,
  storage_low,
  clock_skew,
  deadline_exceeded,
  outcome_unknown,
  shutting_down,
  keys_unavailable,
  reports_behind,
  kCount
};

enum class Retry : std::uint8_t {
  never,      // the same request will fail again
  after_fix,  // change the request, or the state it ran into
  later,      // the same request may succeed after Retry-After; safe with an Idempotency-Key
};

struct CodeInfo {
  Code code;
  std::string_view name;   // stable, on the wire
  int status;              // HTTP
  std::string_view title;  // short, for people; never changes between occurrences
  Retry retry;
};

/// All codes in the order of the enum.
std::span<const CodeInfo> all_codes();
const CodeInfo& info(Code code);

struct FieldError {
  std::string field;   // path in the body ("transfers[3].amount"), or the parameter's name
  std::string code;    // required, unknown_field, wrong_type, invalid_format, too_short, ...
  std::string detail;  // a sentence
};

/// What a refused amount ran into. Amounts as they stand on the wire.
struct Bounds {
  std::string limit = {};      // what the rule allows at all; empty where that is no one number
  std::string left = {};       // what it would allow now
  std::int64_t resets_us = 0;  // when it is left again; 0: by itself never
};

/// A second factor that is asked for.
struct FactorDemand {
  std::vector<std::string_view> accepts = {};  // names of factors
  std::string challenge = {};                  // second_factor_required: to be sent with the code
  std::int64_t expires_in_s = 0;               // of the challenge
};

struct Error {
  Code code = Code::internal_error;
  std::string detail;
  std::vector<FieldError> fields = {};
  int retry_after_s = 0;   // 0: the code's default
  std::string allow = {};  // method_not_allowed: the Allow header
  std::optional<Bounds> bounds = {};
  std::optional<FactorDemand> factor = {};
  std::optional<int> attempts_left = {};  // pin_wrong
  std::size_t fields_not_listed = 0;      // mistakes beyond those in `fields`
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string detail) {
  return std::unexpected(Error{code, std::move(detail)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

/// Development keys and the private cluster live in DATA_DIR: why they cannot, and what to do.
std::string data_dir_unusable(std::string_view dir, std::string_view why);

/// A validation_failed error that names one field.
std::unexpected<Error> fail_field(std::string_view field, std::string_view code,
                                  std::string detail);

}  // namespace instapay
