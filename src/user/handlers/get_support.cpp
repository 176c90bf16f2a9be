#include "user/handlers/handlers.h"

namespace instapay::user {

// Where people turn when something is wrong with their wallet, as this installation has it.
net::Reply get_support(Service& service, net::Request&) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field_or_null("contact", service.config.support_contact).end_object();
  co_return response;
}

}  // namespace instapay::user
