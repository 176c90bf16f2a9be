#include "transaction/handlers/handlers.h"

namespace instapay::transaction {
namespace {

using net::Access;
using net::Method;

constexpr net::Route<Service> kRoutes[] = {
    {Method::post, "/api/transactions", Access::user, create_transfer, "create_transfer"},
    {Method::post, "/api/transactions/authorization", Access::user, authorize_transfer,
     "authorize_transfer"},
    {Method::get, "/api/transactions", Access::staff, search_transfers, "search_transfers"},
    {Method::post, "/api/transactions/batch", Access::user, create_transfer_batch,
     "create_transfer_batch", kBatchBodyMax_bytes},
    {Method::get, "/api/transactions/stream", Access::user, stream_entries, "stream_entries"},
    {Method::post, "/api/transactions/{id}/refund", Access::user, create_refund, "create_refund"},
    {Method::get, "/api/transactions/{id}", Access::user, get_transfer, "get_transfer"},
    {Method::get, "/api/transactions/{id}/receipt", Access::user, get_receipt, "get_receipt"},
    {Method::get, "/api/transactions/{id}/receipt.pdf", Access::user, get_receipt_pdf,
     "get_receipt_pdf"},
    {Method::get, "/.well-known/receipt-jwks.json", Access::anyone, receipt_jwks, "receipt_jwks"},
    {Method::get, "/api/transactions/user/{user_id}", Access::user, list_transfers,
     "list_transfers"},
    {Method::get, "/api/transactions/user/{user_id}/payees", Access::user, list_payees,
     "list_payees"},
    {Method::post, "/api/requests", Access::user, create_request, "create_request"},
    {Method::get, "/api/requests", Access::user, list_requests, "list_requests"},
    {Method::get, "/api/requests/settings", Access::user, get_request_settings,
     "get_request_settings"},
    {Method::put, "/api/requests/settings", Access::user, set_request_settings,
     "set_request_settings"},
    {Method::get, "/api/requests/blocks", Access::user, list_blocks, "list_blocks"},
    {Method::put, "/api/requests/blocks/{user_id}", Access::user, add_block, "add_block"},
    {Method::del, "/api/requests/blocks/{user_id}", Access::user, remove_block, "remove_block"},
    {Method::get, "/api/requests/by-code/{code}", Access::user, get_request_by_code,
     "get_request_by_code"},
    {Method::get, "/api/requests/links/{code}", Access::anyone_counted, get_request_link,
     "get_request_link"},
    {Method::get, "/api/requests/{id}", Access::user, get_request, "get_request"},
    {Method::get, "/api/requests/{id}/payments", Access::user, list_request_payments,
     "list_request_payments"},
    {Method::post, "/api/requests/{id}/cancel", Access::user, cancel_request, "cancel_request"},
    {Method::post, "/api/requests/{id}/decline", Access::user, decline_request, "decline_request"},
    {Method::post, "/api/requests/{id}/remind", Access::user, remind_of_request,
     "remind_of_request"},
    {Method::post, "/api/requests/{id}/authorization", Access::user, authorize_request,
     "authorize_request"},
    {Method::post, "/api/requests/{id}/pay", Access::user, pay_request, "pay_request"},
    {Method::post, "/api/splits", Access::user, create_split, "create_split"},
    {Method::get, "/api/splits", Access::user, list_splits, "list_splits"},
    {Method::get, "/api/splits/{id}", Access::user, get_split, "get_split"},
    {Method::post, "/api/splits/{id}/cancel", Access::user, cancel_split, "cancel_split"},
    {Method::get, "/api/requests/codes", Access::anyone, get_payment_codes, "get_payment_codes"},
    {Method::get, "/api/notifications", Access::user, list_notifications, "list_notifications"},
    {Method::put, "/api/notifications/read", Access::user, mark_notifications_read,
     "mark_notifications_read"},
    {Method::post, "/api/holds", Access::user, create_hold, "create_hold"},
    {Method::get, "/api/holds", Access::user, list_holds, "list_holds"},
    {Method::get, "/api/holds/{id}", Access::user, get_hold, "get_hold"},
    {Method::post, "/api/holds/{id}/capture", Access::user, capture_hold, "capture_hold"},
    {Method::post, "/api/holds/{id}/release", Access::user, release_hold, "release_hold"},
    {Method::post, "/api/schedules", Access::user, create_schedule, "create_schedule"},
    {Method::get, "/api/schedules", Access::user, list_schedules, "list_schedules"},
    {Method::get, "/api/schedules/{id}", Access::user, get_schedule, "get_schedule"},
    {Method::patch, "/api/schedules/{id}", Access::user, update_schedule, "update_schedule"},
    {Method::get, "/api/schedules/{id}/occurrences", Access::user, list_occurrences,
     "list_occurrences"},
    {Method::post, "/api/schedules/{id}/pause", Access::user, pause_schedule, "pause_schedule"},
    {Method::post, "/api/schedules/{id}/resume", Access::user, resume_schedule, "resume_schedule"},
    {Method::post, "/api/schedules/{id}/skip", Access::user, skip_occurrence, "skip_occurrence"},
    {Method::post, "/api/schedules/{id}/cancel", Access::user, cancel_schedule, "cancel_schedule"},
};

}  // namespace

std::span<const net::Route<Service>> routes() { return kRoutes; }

}  // namespace instapay::transaction
