#include "core/time.h"
#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {

// Asks for a factor, and for no password: ending what may have leaked has to be quick.
net::Reply revoke_service_account(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  if (auto fresh = require_step_up(request.principal->factors, now_us() / kSecond_us); !fresh)
    co_return fail(std::move(fresh.error()));
  pg::Params params;
  params.add(*id).add(service_owner(request));
  if (auto done = co_await change_service_account(
          service, request, *id, queries::user::revoke_service_account, std::move(params),
          R"("serviceAccount":{"revoked":true})");
      !done)
    co_return fail(std::move(done.error()));
  co_await service.revocations.catch_up();
  co_return net::Response::no_content();
}

}  // namespace instapay::user
