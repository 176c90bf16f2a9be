#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

// What a link shows to somebody who is signed in, and may pay it.
net::Reply get_request_by_code(Service& service, net::Request& request) {
  const auto asked = co_await find_request_of_code(service, request.params.at(0));
  if (!asked) co_return fail(asked.error());
  co_return request_answer(200, *asked, *request.principal, service.config.currency);
}

}  // namespace instapay::transaction
