#pragma once
// The last step of signing in, by password alone or with a second factor.
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "user/factors.h"
#include "user/session_answer.h"

namespace instapay::user {

/// Tells the user where it is a device of which nothing is known. Nullopt when the password was
/// changed, the account closed or, without `proof`, a second factor set up since they were read, or
/// the factor removed that it was: nothing began then.
Task<Result<std::optional<Session>>> begin_session(Service& service, const net::Request& request,
                                                   const User& user,
                                                   const std::string& password_hash,
                                                   const std::optional<FactorProof>& proof);

/// What the request says that it comes from; empty where that is no text for people.
std::string user_agent_of(const net::Request& request);

/// Counts an attempt as failed before it is made. Error: login_throttled.
Result<void> begin_login(Service& service, const auth::LoginAttempt& attempt);

/// In the metric of attempts to sign in.
void count_login(std::string_view result);
/// The same of an attempt with a factor.
void count_factor_login(const Result<net::Response>& answer);

}  // namespace instapay::user
