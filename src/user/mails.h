#pragma once
// What the endpoints that send mails have in common.
#include <optional>
#include <string>

#include "auth/login_throttle.h"
#include "auth/opaque_token.h"
#include "core/fields.h"
#include "net/http.h"
#include "user/service.h"

namespace instapay::user {

// Changes of the e-mail address that one person may ask for; the database holds the same numbers
// (db/migrations/0022_email_changes.sql).
inline constexpr int kEmailChangesMax = 5;
inline constexpr int kEmailChangePeriod_days = 7;

/// Error: mail_not_configured.
Result<void> require_mail(const Service& service);

/// How many mails may be asked for, by account and by network, as with sign-in but counted apart:
/// whoever asks for mails to a stranger does not keep them from signing in. Error: rate_limited.
Result<void> throttle_mail(Service& service, const auth::LoginAttempt& attempt);

/// What a link answers that was used, is too old, or never was.
std::unexpected<Error> link_invalid();

/// {token} as the body: what follows the '#' in a link. Errors: validation_failed, link_invalid.
Result<auth::TokenHash> read_link_token(const net::Request& request);

/// The unique index of addresses; what keeps an address for its last owner has its name too.
inline constexpr std::string_view kEmailConstraint = "users_email_key";
/// Of an address that somebody has, or may take back.
std::unexpected<Error> email_taken();
/// 200 with the address that is theirs now.
net::Response email_answer(std::string_view email);

/// The field `language`, where mails have one of their own: en, ar.
std::optional<std::string> read_language(Fields& fields);

}  // namespace instapay::user
