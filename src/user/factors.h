#pragma once
// Second factors: an authenticator app, and recovery codes for who has lost it. What a code is, is
// in auth/totp.h and auth/recovery_code.h; here they are checked, counted and used up.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/factor_metric.h"
#include "auth/recovery_code.h"
#include "auth/secret_keys.h"
#include "core/factor.h"
#include "core/fields.h"
#include "user/service.h"

namespace instapay::user {

// Wrong codes of one person in a row: after so many the next has to wait, twice as long each time,
// whichever service is asked. That lets some thirty guesses a day through, of a million codes.
inline constexpr std::int32_t kFactorFailuresFree = 5;
inline constexpr std::int32_t kFactorWaitMin_s = 30;
inline constexpr std::int32_t kFactorWaitMax_s = 3600;

// From the beginning of an enrolment to the code that confirms it.
inline constexpr std::int32_t kEnrolmentTtl_s = 3600;

/// Which factor was shown.
struct FactorProof {
  Factor factor{};
  /// The version of the user's factors that it was found in: it counts as long as that is theirs.
  std::int64_t factors_version = 0;
};

/// A code of six digits or a recovery code, as somebody types it. Mistakes stay in `fields`.
std::string read_factor_code(Fields& fields, std::string_view name);

/// Whether the code is one of theirs that was not used, which it is from now on. Errors:
/// factor_not_found, factor_code_invalid, login_throttled.
Task<Result<FactorProof>> prove_code(Service& service, const Uuid& user, std::string_view code);

/// Counts a passkey that somebody presents beside a password or a session as a failure, until
/// use_passkey.sql forgets it. Errors: factor_not_found, login_throttled.
Task<Result<void>> begin_passkey_attempt(Service& service, const Uuid& user);

std::unexpected<Error> wrong_factor_code();
/// Where there is no factor: factor_not_found.
std::unexpected<Error> no_factor();
/// Where no key opens its secret: internal_error.
std::unexpected<Error> unreadable_factor();

/// What the secret of an app is sealed for (auth/secret_keys.h).
std::string totp_owner(const Uuid& user);
/// A sealed secret as it is stored: the columns key_id and sealed_secret.
auth::SecretKeys::Sealed read_sealed(const pg::Rows& rows, int row, int first_column);
/// The secret of somebody's app. Nullopt, and a line in the log, when no key opens it.
std::optional<std::string> open_totp(const auth::SecretKeys& keys, const Uuid& user,
                                     const auth::SecretKeys::Sealed& sealed);
void add_sealed(pg::Params& params, const auth::SecretKeys::Sealed& sealed);

/// New codes, as people read them and as they are stored.
struct RecoveryCodes {
  std::vector<std::string> texts;
  std::vector<Hash256> hashes;
};
RecoveryCodes make_recovery_codes(const Uuid& user);
void add_hashes(pg::Params& params, const RecoveryCodes& codes);
/// 200 with the codes, which are shown this once.
net::Response recovery_codes_answer(const RecoveryCodes& codes);

}  // namespace instapay::user
