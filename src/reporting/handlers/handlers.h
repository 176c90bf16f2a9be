#pragma once
// One file per handler; docs in api/openapi.yaml.
#include "net/json_body.h"
#include "reporting/service.h"

namespace instapay::reporting {

net::Reply report_transactions(Service& service, net::Request& request);
net::Reply report_user(Service& service, net::Request& request);
net::Reply get_statement(Service& service, net::Request& request);
net::Reply list_actions(Service& service, net::Request& request);
net::Reply report_system(Service& service, net::Request& request);
net::Reply report_ledger(Service& service, net::Request& request);
net::Reply report_services(Service& service, net::Request& request);

}  // namespace instapay::reporting
