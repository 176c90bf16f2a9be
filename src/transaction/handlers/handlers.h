#pragma once
// One file per handler; docs in api/openapi.yaml.
#include "net/json_body.h"
#include "transaction/service.h"

namespace instapay::transaction {

net::Reply create_transfer(Service& service, net::Request& request);
net::Reply authorize_transfer(Service& service, net::Request& request);
net::Reply create_transfer_batch(Service& service, net::Request& request);
net::Reply create_refund(Service& service, net::Request& request);
net::Reply stream_entries(Service& service, net::Request& request);
net::Reply get_transfer(Service& service, net::Request& request);
net::Reply get_receipt(Service& service, net::Request& request);
net::Reply get_receipt_pdf(Service& service, net::Request& request);
net::Reply receipt_jwks(Service& service, net::Request& request);
net::Reply list_transfers(Service& service, net::Request& request);
net::Reply list_payees(Service& service, net::Request& request);
net::Reply create_request(Service& service, net::Request& request);
net::Reply list_requests(Service& service, net::Request& request);
net::Reply get_payment_codes(Service& service, net::Request& request);
net::Reply get_request(Service& service, net::Request& request);
net::Reply list_request_payments(Service& service, net::Request& request);
net::Reply get_request_by_code(Service& service, net::Request& request);
net::Reply get_request_link(Service& service, net::Request& request);
net::Reply cancel_request(Service& service, net::Request& request);
net::Reply decline_request(Service& service, net::Request& request);
net::Reply remind_of_request(Service& service, net::Request& request);
net::Reply pay_request(Service& service, net::Request& request);
net::Reply authorize_request(Service& service, net::Request& request);
net::Reply get_request_settings(Service& service, net::Request& request);
net::Reply set_request_settings(Service& service, net::Request& request);
net::Reply list_blocks(Service& service, net::Request& request);
net::Reply add_block(Service& service, net::Request& request);
net::Reply remove_block(Service& service, net::Request& request);
net::Reply create_split(Service& service, net::Request& request);
net::Reply list_splits(Service& service, net::Request& request);
net::Reply get_split(Service& service, net::Request& request);
net::Reply cancel_split(Service& service, net::Request& request);
net::Reply list_notifications(Service& service, net::Request& request);
net::Reply mark_notifications_read(Service& service, net::Request& request);
net::Reply create_hold(Service& service, net::Request& request);
net::Reply list_holds(Service& service, net::Request& request);
net::Reply get_hold(Service& service, net::Request& request);
net::Reply capture_hold(Service& service, net::Request& request);
net::Reply release_hold(Service& service, net::Request& request);
net::Reply create_schedule(Service& service, net::Request& request);
net::Reply list_schedules(Service& service, net::Request& request);
net::Reply get_schedule(Service& service, net::Request& request);
net::Reply list_occurrences(Service& service, net::Request& request);
net::Reply update_schedule(Service& service, net::Request& request);
net::Reply pause_schedule(Service& service, net::Request& request);
net::Reply resume_schedule(Service& service, net::Request& request);
net::Reply skip_occurrence(Service& service, net::Request& request);
net::Reply cancel_schedule(Service& service, net::Request& request);
net::Reply create_mandate(Service& service, net::Request& request);
net::Reply list_mandates(Service& service, net::Request& request);
net::Reply get_mandate(Service& service, net::Request& request);
net::Reply accept_mandate(Service& service, net::Request& request);
net::Reply decline_mandate(Service& service, net::Request& request);
net::Reply cancel_mandate(Service& service, net::Request& request);
net::Reply create_draw(Service& service, net::Request& request);
net::Reply list_draws(Service& service, net::Request& request);
net::Reply get_draw(Service& service, net::Request& request);
net::Reply cancel_draw(Service& service, net::Request& request);
net::Reply search_transfers(Service& service, net::Request& request);

}  // namespace instapay::transaction
