#include "auth/base32.h"
#include "auth/random.h"
#include "auth/totp.h"
#include "queries.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

constexpr std::string_view kAppIssuer = "Mini-InstaPay";

std::string make_secret() {
  const auto bytes = auth::random_bytes<auth::kTotpSecret_bytes>();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

net::Reply begin_totp(Service& service, net::Request& request) {
  if (auto proven = co_await prove_owner(service, request); !proven)
    co_return fail(std::move(proven.error()));
  const Uuid& id = request.principal->user_id;
  const auto user = co_await find_user(service.db, id);
  if (!user) co_return fail(user.error());

  const std::string secret = make_secret();
  pg::Params params;
  params.add(id).add(Uuid::random());
  add_sealed(params, service.factor_keys.seal(secret, totp_owner(id)));
  const auto begun = co_await service.db.query(queries::user::begin_totp, std::move(params));
  if (!begun) co_return fail(pg::to_error(begun.error()));
  if (begun->empty())
    co_return fail(Code::factor_exists, "An authenticator app is set up; turn it off first.");
  net::Response response{201, "application/json"};
  JsonWriter(response.body)
      .begin_object()
      .field("secret", auth::base32_encode(secret))
      .field("uri", auth::totp_uri(secret, kAppIssuer, user->email))
      .field("expiresIn", std::int64_t{kEnrolmentTtl_s})
      .end_object();
  co_return response;
}

}  // namespace instapay::user
