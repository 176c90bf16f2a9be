#include "transaction/handlers/handlers.h"

namespace instapay::transaction {
namespace {

using net::Access;
using net::Method;

constexpr net::Route<Service> kRoutes[] = {
    {Method::post, "/api/transactions", Access::user, create_transfer, "create_transfer"},
    {Method::get, "/api/transactions", Access::staff, search_transfers, "search_transfers"},
    {Method::post, "/api/transactions/batch", Access::user, create_transfer_batch,
     "create_transfer_batch", kBatchBodyMax_bytes},
    {Method::get, "/api/transactions/stream", Access::user, stream_entries, "stream_entries"},
    {Method::post, "/api/transactions/{id}/refund", Access::user, create_refund, "create_refund"},
    {Method::get, "/api/transactions/{id}", Access::user, get_transfer, "get_transfer"},
    {Method::get, "/api/transactions/{id}/receipt", Access::user, get_receipt, "get_receipt"},
    {Method::get, "/.well-known/receipt-jwks.json", Access::anyone, receipt_jwks, "receipt_jwks"},
    {Method::get, "/api/transactions/user/{user_id}", Access::user, list_transfers,
     "list_transfers"},
    {Method::get, "/api/transactions/user/{user_id}/payees", Access::user, list_payees,
     "list_payees"},
};

}  // namespace

std::span<const net::Route<Service>> routes() { return kRoutes; }

}  // namespace instapay::transaction
