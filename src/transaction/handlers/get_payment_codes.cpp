#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

// What tells this installation's EMVCo codes from those of other schemes.
net::Reply get_payment_codes(Service& service, net::Request&) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("guid", service.config.payment_code_guid).end_object();
  co_return response;
}

}  // namespace instapay::transaction
