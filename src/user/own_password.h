#pragma once
// The password asked for once more, of somebody who is signed in: before it is changed, and before
// second factors are.
#include <optional>
#include <string>

#include "net/http.h"
#include "user/service.h"

namespace instapay::user {

/// The hash that the password was found right against. Guessing is slowed down: who has found an
/// open session may not guess without end either. Errors: invalid_credentials, login_throttled,
/// overloaded, user_not_found.
Task<Result<std::string>> verify_own_password(Service& service, const net::Request& request,
                                              std::string password);

std::unexpected<Error> wrong_own_password();

/// After a change of password: ends the sessions of logins with the old one that were under way,
/// all but the one to keep. None of them can begin any more (create_session.sql).
Task<Result<void>> end_sessions_begun_before(Service& service, Uuid user, std::optional<Uuid> keep);

}  // namespace instapay::user
