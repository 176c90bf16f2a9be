#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

net::Reply receipt_jwks(Service& service, net::Request&) {
  net::Response response{200, "application/jwk-set+json",
                         service.receipt_keys.public_keys().to_jwks()};
  response.header("Cache-Control", "public, max-age=300");
  co_return response;
}

}  // namespace instapay::transaction
