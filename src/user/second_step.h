#pragma once
// Between the password and the second factor: whose challenge it is that a client came back with.
#include <string>

#include "user/account.h"
#include "user/service.h"

namespace instapay::user {

struct Challenged {
  User user;
  std::string password_hash;
};

/// Errors: challenge_invalid, account_closed.
Task<Result<Challenged>> find_challenged(Service& service, std::string challenge);

std::unexpected<Error> begin_sign_in_again();

}  // namespace instapay::user
