#include "core/error.h"

#include <fmt/format.h>

#include <array>
#include <cassert>

namespace instapay {
namespace {

using enum Retry;
constexpr std::array<CodeInfo, static_cast<std::size_t>(Code::kCount)> kCodes{{
    {Code::bad_request, "bad_request", 400, "The request is malformed", never},
    {Code::invalid_json, "invalid_json", 400, "The body is not valid JSON", never},
    {Code::idempotency_key_invalid, "idempotency_key_invalid", 400,
     "The Idempotency-Key is not usable", never},
    {Code::token_missing, "token_missing", 401, "Authentication is required", after_fix},
    {Code::token_invalid, "token_invalid", 401, "The access token is not valid", after_fix},
    {Code::token_expired, "token_expired", 401, "The access token has expired", after_fix},
    {Code::token_revoked, "token_revoked", 401, "The session has ended", after_fix},
    {Code::invalid_credentials, "invalid_credentials", 401, "Wrong e-mail or password", after_fix},
    {Code::second_factor_required, "second_factor_required", 401, "A second factor is required",
     after_fix},
    {Code::challenge_invalid, "challenge_invalid", 401, "The sign-in has to begin again",
     after_fix},
    {Code::factor_code_invalid, "factor_code_invalid", 401, "Wrong code", after_fix},
    {Code::passkey_invalid, "passkey_invalid", 401, "The passkey was not accepted", after_fix},
    {Code::passkey_copied, "passkey_copied", 401, "Somebody may have a copy of the passkey", never},
    {Code::refresh_token_invalid, "refresh_token_invalid", 401, "The refresh token is not valid",
     after_fix},
    {Code::refresh_token_reused, "refresh_token_reused", 401,
     "The refresh token was used before; its session has ended", after_fix},
    {Code::forbidden, "forbidden", 403, "Not allowed", never},
    {Code::step_up_required, "step_up_required", 403, "A second factor is required once more",
     after_fix},
    {Code::step_up_impossible, "step_up_impossible", 403,
     "The owner's rules ask for a second factor, which a service account has not", after_fix},
    {Code::insufficient_scope, "insufficient_scope", 403, "The access token lacks a scope",
     after_fix},
    {Code::factor_enrolment_required, "factor_enrolment_required", 403,
     "A second factor has to be set up", after_fix},
    {Code::not_the_sender, "not_the_sender", 403, "Only the sender may do this", never},
    {Code::request_not_allowed, "request_not_allowed", 403,
     "This person does not take requests from you", after_fix},
    {Code::account_closed, "account_closed", 403, "The account is closed", never},
    {Code::account_frozen, "account_frozen", 403, "The account is frozen", after_fix},
    {Code::route_not_found, "route_not_found", 404, "No such endpoint", never},
    {Code::user_not_found, "user_not_found", 404, "No such user", after_fix},
    {Code::payee_not_found, "payee_not_found", 404, "No such payee", after_fix},
    {Code::transaction_not_found, "transaction_not_found", 404, "No such transaction", after_fix},
    {Code::request_not_found, "request_not_found", 404, "No such payment request", after_fix},
    {Code::split_not_found, "split_not_found", 404, "No such split", after_fix},
    {Code::schedule_not_found, "schedule_not_found", 404, "No such schedule", after_fix},
    {Code::mandate_not_found, "mandate_not_found", 404, "No such mandate", after_fix},
    {Code::draw_not_found, "draw_not_found", 404, "No such draw", after_fix},
    {Code::hold_not_found, "hold_not_found", 404, "No such hold", after_fix},
    {Code::approval_not_found, "approval_not_found", 404, "No such proposal", after_fix},
    {Code::session_not_found, "session_not_found", 404, "No such session", after_fix},
    {Code::service_account_not_found, "service_account_not_found", 404, "No such service account",
     after_fix},
    {Code::factor_not_found, "factor_not_found", 404, "No second factor", after_fix},
    {Code::method_not_allowed, "method_not_allowed", 405, "Method not allowed", never},
    {Code::not_acceptable, "not_acceptable", 406, "No representation fits Accept", after_fix},
    {Code::request_timeout, "request_timeout", 408, "The request took too long to arrive", later},
    {Code::email_taken, "email_taken", 409, "The e-mail address is taken", after_fix},
    {Code::username_taken, "username_taken", 409, "The username is taken", after_fix},
    {Code::factor_exists, "factor_exists", 409, "There is a second factor already", after_fix},
    {Code::last_factor, "last_factor", 409, "Staff keep a second factor", after_fix},
    {Code::not_erasable, "not_erasable", 409, "Only a closed and empty account can be erased",
     after_fix},
    {Code::balance_not_zero, "balance_not_zero", 409, "The wallet still holds money", after_fix},
    {Code::wallet_closed, "wallet_closed", 409, "The user's wallet is closed", after_fix},
    {Code::request_already_paid, "request_already_paid", 409, "The request is paid already", never},
    {Code::request_declined, "request_declined", 409, "The request was declined", never},
    {Code::request_cancelled, "request_cancelled", 409, "The request was cancelled", never},
    {Code::request_expired, "request_expired", 409, "The request has expired", never},
    {Code::schedule_ended, "schedule_ended", 409, "The schedule has ended", never},
    {Code::occurrence_passed, "occurrence_passed", 409, "This occurrence is not to come any more",
     never},
    {Code::mandate_not_accepted, "mandate_not_accepted", 409, "The mandate is not accepted yet",
     after_fix},
    {Code::mandate_accepted, "mandate_accepted", 409, "The mandate is accepted already", after_fix},
    {Code::mandate_ended, "mandate_ended", 409, "The mandate has ended", never},
    {Code::draw_settled, "draw_settled", 409, "This draw is not to come any more", never},
    {Code::hold_captured, "hold_captured", 409, "The hold is captured already", never},
    {Code::hold_released, "hold_released", 409, "The hold was released", never},
    {Code::hold_expired, "hold_expired", 409, "The hold has expired", never},
    {Code::approval_decided, "approval_decided", 409, "The proposal has been decided", never},
    {Code::approval_expired, "approval_expired", 409, "The proposal has expired", never},
    {Code::approval_outdated, "approval_outdated", 409, "What the proposal began with has changed",
     never},
    {Code::last_admin, "last_admin", 409, "Nobody else may change roles", after_fix},
    {Code::body_too_large, "body_too_large", 413, "The body is too large", after_fix},
    {Code::uri_too_long, "uri_too_long", 414, "The address is too long", after_fix},
    {Code::unsupported_media_type, "unsupported_media_type", 415,
     "The content type is not supported", after_fix},
    {Code::validation_failed, "validation_failed", 422, "The request has invalid fields",
     after_fix},
    {Code::range_too_wide, "range_too_wide", 422, "More than can be read at once", after_fix},
    {Code::insufficient_funds, "insufficient_funds", 422, "Insufficient funds", after_fix},
    {Code::self_transfer, "self_transfer", 422, "Sender and receiver are the same", never},
    {Code::sender_frozen, "sender_frozen", 422, "The sender's account is frozen", after_fix},
    {Code::receiver_unavailable, "receiver_unavailable", 422,
     "The receiver's account cannot receive money", after_fix},
    {Code::payer_unavailable, "payer_unavailable", 422, "The payer's account cannot pay now",
     after_fix},
    {Code::transfer_limit_exceeded, "transfer_limit_exceeded", 422,
     "Above the limit of one transfer", after_fix},
    {Code::daily_limit_exceeded, "daily_limit_exceeded", 422, "Above the limit of the day",
     after_fix},
    {Code::allowance_exceeded, "allowance_exceeded", 422,
     "Above what the service account may order", after_fix},
    {Code::balance_limit_exceeded, "balance_limit_exceeded", 422,
     "The balance would pass its limit", after_fix},
    {Code::idempotency_key_reused, "idempotency_key_reused", 422,
     "The Idempotency-Key belongs to another request", never},
    {Code::batch_rejected, "batch_rejected", 422, "The atomic batch was refused", after_fix},
    {Code::refund_exceeds_transfer, "refund_exceeds_transfer", 422,
     "More than what remains to refund", after_fix},
    {Code::not_refundable, "not_refundable", 422, "This transaction cannot be refunded", never},
    {Code::capture_exceeds_hold, "capture_exceeds_hold", 422, "More than what is left of the hold",
     after_fix},
    {Code::rename_limit_exceeded, "rename_limit_exceeded", 422,
     "The username was changed too often", after_fix},
    {Code::passkey_limit_exceeded, "passkey_limit_exceeded", 422, "Too many passkeys", after_fix},
    {Code::service_account_limit_exceeded, "service_account_limit_exceeded", 422,
     "Too many service accounts", after_fix},
    {Code::credential_limit_exceeded, "credential_limit_exceeded", 422,
     "A service account has two credentials at once", after_fix},
    {Code::link_invalid, "link_invalid", 422, "The link is not good any more", after_fix},
    {Code::request_amount_fixed, "request_amount_fixed", 422, "The amount of this request is fixed",
     after_fix},
    {Code::request_limit_exceeded, "request_limit_exceeded", 422,
     "Too many requests for money today", after_fix},
    {Code::approval_limit_exceeded, "approval_limit_exceeded", 422, "Too many open proposals",
     after_fix},
    {Code::split_amounts_mismatch, "split_amounts_mismatch", 422,
     "The amounts do not add up to the total", after_fix},
    {Code::schedule_limit_exceeded, "schedule_limit_exceeded", 422, "Too many schedules at once",
     after_fix},
    {Code::mandate_limit_exceeded, "mandate_limit_exceeded", 422, "Too many mandates at once",
     after_fix},
    {Code::draw_limit_exceeded, "draw_limit_exceeded", 422, "Above what the mandate allows",
     after_fix},
    {Code::reminder_too_soon, "reminder_too_soon", 422, "The person was reminded not long ago",
     after_fix},
    {Code::idempotency_key_required, "idempotency_key_required", 428,
     "An Idempotency-Key is required", after_fix},
    {Code::rate_limited, "rate_limited", 429, "Too many requests", later},
    {Code::login_throttled, "login_throttled", 429, "Too many failed attempts", later},
    {Code::headers_too_large, "headers_too_large", 431, "The headers are too large", after_fix},
    {Code::internal_error, "internal_error", 500, "Something went wrong on our side", later},
    {Code::mail_not_configured, "mail_not_configured", 501, "No e-mail is sent here", never},
    {Code::passkeys_not_configured, "passkeys_not_configured", 501, "There are no passkeys here",
     never},
    {Code::overloaded, "overloaded", 503, "The service is at its limit", later},
    {Code::database_unavailable, "database_unavailable", 503, "The database is not reachable",
     later},
    {Code::database_timeout, "database_timeout", 503, "The database took too long", later},
    {Code::storage_low, "storage_low", 503, "The database has too little space left to write",
     later},
    {Code::clock_skew, "clock_skew", 503,
     "The clocks of service and database are too far apart to write", later},
    {Code::deadline_exceeded, "deadline_exceeded", 503, "The request waited too long", later},
    {Code::outcome_unknown, "outcome_unknown", 503,
     "The outcome is not known yet; ask again with the same Idempotency-Key", later},
    {Code::shutting_down, "shutting_down", 503, "The service is shutting down", later},
    {Code::keys_unavailable, "keys_unavailable", 503, "The keys of access tokens are not known yet",
     later},
    {Code::reports_behind, "reports_behind", 503, "The reports are being brought up to date",
     later},
}};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kCodes.size(); ++i)
    if (kCodes[i].code != static_cast<Code>(i)) return false;
  return true;
}
static_assert(in_enum_order());

}  // namespace

std::span<const CodeInfo> all_codes() { return kCodes; }

const CodeInfo& info(Code code) { return kCodes.at(static_cast<std::size_t>(code)); }

std::string data_dir_unusable(std::string_view dir, std::string_view why) {
  return fmt::format(
      "cannot write in DATA_DIR, the folder {}: {}; make it writable for the user that instapay "
      "runs as, or set DATA_DIR to a folder that is",
      dir, why);
}

std::unexpected<Error> fail_field(std::string_view field, std::string_view code,
                                  std::string detail) {
  Error error{Code::validation_failed, detail};
  error.fields.push_back({std::string(field), std::string(code), std::move(detail)});
  return std::unexpected(std::move(error));
}

}  // namespace instapay
