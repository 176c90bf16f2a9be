#include "core/time.h"
#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {

// The access tokens that the credential was used for end with it.
net::Reply remove_service_credential(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  const auto credential = net::uuid_param(request, 1, "credential_id");
  if (!credential) co_return fail(credential.error());
  if (auto fresh = require_step_up(request.principal->factors, now_us() / kSecond_us); !fresh)
    co_return fail(std::move(fresh.error()));
  std::string change = R"("serviceAccount":)";
  JsonWriter(change).begin_object().field("credentialRemoved", *credential).end_object();
  pg::Params params;
  params.add(*id).add(service_owner(request)).add(*credential);
  if (auto done = co_await change_service_account(service, request, *id,
                                                  queries::user::remove_service_credential,
                                                  std::move(params), std::move(change));
      !done)
    co_return fail(std::move(done.error()));
  co_await service.revocations.catch_up();
  co_return net::Response::no_content();
}

}  // namespace instapay::user
