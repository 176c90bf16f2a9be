#pragma once
// One file per handler; docs in api/openapi.yaml.
#include "net/json_body.h"
#include "transaction/service.h"

namespace instapay::transaction {

net::Reply create_transfer(Service& service, net::Request& request);
net::Reply create_transfer_batch(Service& service, net::Request& request);
net::Reply create_refund(Service& service, net::Request& request);
net::Reply stream_entries(Service& service, net::Request& request);
net::Reply get_transfer(Service& service, net::Request& request);
net::Reply get_receipt(Service& service, net::Request& request);
net::Reply receipt_jwks(Service& service, net::Request& request);
net::Reply list_transfers(Service& service, net::Request& request);
net::Reply list_payees(Service& service, net::Request& request);
net::Reply search_transfers(Service& service, net::Request& request);

}  // namespace instapay::transaction
