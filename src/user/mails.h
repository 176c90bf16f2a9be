#pragma once
// What the endpoints that send mails have in common.
#include <optional>
#include <string>

#include "auth/login_throttle.h"
#include "core/fields.h"
#include "user/service.h"

namespace instapay::user {

/// Error: mail_not_configured.
Result<void> require_mail(const Service& service);

/// How many mails may be asked for, by account and by network, as with sign-in but counted apart:
/// whoever asks for mails to a stranger does not keep them from signing in. Error: rate_limited.
Result<void> throttle_mail(Service& service, const auth::LoginAttempt& attempt);

/// What a link answers that was used, is too old, or never was.
std::unexpected<Error> link_invalid();

/// The field `language`, where mails have one of their own: en, ar.
std::optional<std::string> read_language(Fields& fields);

}  // namespace instapay::user
