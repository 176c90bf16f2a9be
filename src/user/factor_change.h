#pragma once
// What changing one's second factors asks for: the password and a factor.
#include "user/factors.h"

namespace instapay::user {

/// Reads {password, code} and checks both. Errors: validation_failed, factor_not_found,
/// invalid_credentials, factor_code_invalid, login_throttled.
Task<Result<Factor>> prove_for_factor_change(Service& service, const net::Request& request);

}  // namespace instapay::user
