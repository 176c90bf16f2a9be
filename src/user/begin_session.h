#pragma once
// The last step of signing in, by password alone or with a second factor.
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "user/factors.h"
#include "user/session_answer.h"

namespace instapay::user {

/// Nullopt when the password was changed, the account closed or, without `factor`, a second factor
/// set up since they were read: nothing began then.
Task<Result<std::optional<Session>>> begin_session(Service& service, const net::Request& request,
                                                   const Uuid& user,
                                                   const std::string& password_hash,
                                                   std::optional<Factor> factor);

/// In the metric of attempts to sign in.
void count_login(std::string_view result);

}  // namespace instapay::user
