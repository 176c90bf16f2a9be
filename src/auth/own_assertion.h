#pragma once
#include <expected>
#include <vector>

#include "async/task.h"
#include "auth/webauthn.h"
#include "core/error.h"
#include "core/sha256.h"
#include "core/uuid.h"
#include "pg/pool.h"

namespace instapay::auth {

/// What one of somebody's passkeys has signed.
struct OwnAssertion {
  Uuid passkey;
  std::vector<std::uint8_t> public_key;  // a COSE_Key
  Assertion assertion;
};

/// Whether the answer is one of `person`'s passkeys to just this challenge. The passkey stays as it
/// was: its counter is moved by who keeps the answer. Errors: of the database; within it, what is
/// wrong with the answer.
Task<Result<std::expected<OwnAssertion, WebauthnProblem>>> check_own_assertion(
    pg::Pool& db, const RelyingParty& party, Hash256 challenge, Uuid person,
    AssertionAnswer answer);

}  // namespace instapay::auth
