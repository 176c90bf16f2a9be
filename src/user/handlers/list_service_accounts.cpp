#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {

net::Reply list_service_accounts(Service& service, net::Request& request) {
  const auto text = co_await service_accounts_json(service, service_owner(request));
  if (!text) co_return fail(text.error());
  net::Response response{200, "application/json"};
  response.body = "{\"data\":[" + *text + "]}";
  co_return response;
}

}  // namespace instapay::user
