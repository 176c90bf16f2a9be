#pragma once
// What somebody who looks a user up is shown: payers decide by it whom they pay.
#include "user/account.h"
#include "user/service.h"

namespace instapay::user {

/// The whole user for themselves and where `see_all`; for others the public part, with `looksLike`:
/// another user whom the one who asks has paid before and whose name looks the same.
net::Reply lookup_answer(Service& service, const net::Principal& who, const User& user,
                         bool see_all);

}  // namespace instapay::user
