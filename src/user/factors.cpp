#include "user/factors.h"

#include <algorithm>

#include "auth/totp.h"
#include "core/time.h"
#include "queries.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::user {
namespace {

constexpr std::size_t kTypedCodeMax_chars = 32;

// A row of begin_factor_attempt.sql.
struct Attempt {
  std::int64_t factors_version = 0;
  std::optional<Uuid> totp_id;
  auth::SecretKeys::Sealed sealed_secret;
};

// Error: login_throttled, factor_not_found.
Task<Result<Attempt>> begin_attempt(Service& service, const Uuid& user, Factor factor) {
  pg::Params params;
  params.add(user).add(kFactorFailuresFree).add(kFactorWaitMin_s).add(kFactorWaitMax_s);
  auto rows = co_await service.db.query(queries::user::begin_factor_attempt, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_factor();
  if (!rows->boolean(0, 0)) {
    auth::count_factor_check(factor, "throttled");
    co_return fail({.code = Code::login_throttled,
                    .detail = "Too many wrong codes; wait a little.",
                    .retry_after_s = static_cast<int>(rows->optional_int64(0, 1).value_or(1))});
  }
  Attempt attempt{.factors_version = rows->int64(0, 5)};
  if (rows->is_null(0, 2)) co_return attempt;
  attempt.totp_id = rows->uuid(0, 2);
  attempt.sealed_secret = read_sealed(*rows, 0, 3);
  co_return attempt;
}

// The step whose code it is; nullopt when it is wrong.
Result<std::optional<std::int64_t>> match(const Service& service, const Uuid& user,
                                          const Attempt& attempt, std::string_view code) {
  const auto secret = open_totp(service.factor_keys, user, attempt.sealed_secret);
  if (!secret) return unreadable_factor();
  return auth::match_totp(*secret, code, now_us() / kSecond_us);
}

// Whether the statement used the code up: false when somebody was faster.
Task<Result<bool>> use(Service& service, pg::Statement statement, pg::Params params) {
  const auto rows = co_await service.db.query(statement, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return !rows->empty();
}

Task<Result<bool>> use_totp(Service& service, const Uuid& user, const Attempt& attempt,
                            std::string_view code) {
  if (!attempt.totp_id) co_return false;
  const auto step = match(service, user, attempt, code);
  if (!step) co_return fail(step.error());
  if (!*step) co_return false;
  co_return co_await use(service, queries::user::use_totp,
                         std::move(pg::Params().add(user).add(*attempt.totp_id).add(**step)));
}

}  // namespace

std::string read_factor_code(Fields& fields, std::string_view name) {
  std::string code = fields.text(name, {.max_chars = kTypedCodeMax_chars});
  std::erase(code, ' ');
  return code;
}

Task<Result<FactorProof>> prove_code(Service& service, const Uuid& user, std::string_view code) {
  const auto recovery = auth::hash_recovery_code(code, user);
  const Factor factor = recovery ? Factor::recovery_code : Factor::totp;
  const auto attempt = co_await begin_attempt(service, user, factor);
  if (!attempt) co_return fail(attempt.error());
  Result<bool> used = false;
  if (recovery) {
    used = co_await use(service, queries::user::use_recovery_code,
                        std::move(pg::Params().add(user).add_bytes(*recovery)));
  } else {
    used = co_await use_totp(service, user, *attempt, code);
  }
  if (!used) co_return fail(used.error());
  auth::count_factor_check(factor, *used ? "right" : "wrong");
  if (!*used) co_return wrong_factor_code();
  co_return FactorProof{factor, attempt->factors_version};
}

Task<Result<void>> begin_passkey_attempt(Service& service, const Uuid& user) {
  const auto attempt = co_await begin_attempt(service, user, Factor::passkey);
  if (!attempt) co_return fail(attempt.error());
  co_return Result<void>();
}

std::unexpected<Error> wrong_factor_code() {
  return fail(Code::factor_code_invalid, "This code is wrong, or was used before.");
}

std::unexpected<Error> no_factor() {
  return fail(Code::factor_not_found, "No second factor is set up.");
}

std::unexpected<Error> unreadable_factor() {
  return fail(Code::internal_error, "Something went wrong on our side.");
}

std::string totp_owner(const Uuid& user) {
  return std::string("totp\n").append(user.bytes.begin(), user.bytes.end());
}

auth::SecretKeys::Sealed read_sealed(const pg::Rows& rows, int row, int first_column) {
  auth::SecretKeys::Sealed sealed;
  const auto id = rows.bytes(row, first_column), bytes = rows.bytes(row, first_column + 1);
  std::copy_n(id.begin(), std::min(id.size(), sealed.key_id.size()), sealed.key_id.begin());
  sealed.bytes.assign(bytes.begin(), bytes.end());
  return sealed;
}

std::optional<std::string> open_totp(const auth::SecretKeys& keys, const Uuid& user,
                                     const auth::SecretKeys::Sealed& sealed) {
  auto secret = keys.open(sealed, totp_owner(user));
  if (!secret)
    log::error("a second factor cannot be read: FACTOR_KEY lacks its key",
               {{"user.id", user.to_string()}});
  return secret;
}

void add_sealed(pg::Params& params, const auth::SecretKeys::Sealed& sealed) {
  params.add_bytes(sealed.key_id).add_bytes(sealed.bytes);
}

RecoveryCodes make_recovery_codes(const Uuid& user) {
  RecoveryCodes codes;
  for (std::size_t i = 0; i < auth::kRecoveryCodes; ++i) {
    auth::RecoveryCode code = auth::make_recovery_code(user);
    codes.texts.push_back(std::move(code.text));
    codes.hashes.push_back(code.hash);
  }
  return codes;
}

void add_hashes(pg::Params& params, const RecoveryCodes& codes) {
  std::vector<std::string_view> views;
  for (const Hash256& hash : codes.hashes)
    views.emplace_back(reinterpret_cast<const char*>(hash.data()), hash.size());
  params.add_bytes_array(views);
}

net::Response recovery_codes_answer(const RecoveryCodes& codes) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("recoveryCodes").begin_array();
  for (const std::string& text : codes.texts) json.value(text);
  json.end_array().end_object();
  return response;
}

}  // namespace instapay::user
