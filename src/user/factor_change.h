#pragma once
// What changing one's second factors asks for: the password and a factor, shown now or not long
// ago.
#include "user/factors.h"

namespace instapay::user {

/// Checks the password; who has a factor has shown it not long ago. Errors: step_up_required,
/// invalid_credentials, login_throttled.
Task<Result<void>> prove_owner(Service& service, const net::Request& request, std::string password);
/// The same with {password} as the body. Error: validation_failed, too.
Task<Result<void>> prove_owner(Service& service, const net::Request& request);

/// Reads {password, code?} and checks both; without a code the session has to be proven. Errors:
/// validation_failed, factor_not_found, step_up_required, invalid_credentials, factor_code_invalid,
/// login_throttled.
Task<Result<void>> prove_for_factor_change(Service& service, const net::Request& request);

}  // namespace instapay::user
