#include "reporting/handlers/handlers.h"

namespace instapay::reporting {
namespace {

using net::Access;
using net::Method;

constexpr net::Route<Service> kRoutes[] = {
    {Method::get, "/api/reports/transactions", Access::staff, report_transactions,
     "report_transactions"},
    {Method::get, "/api/reports/users/{user_id}", Access::user, report_user, "report_user"},
    {Method::get, "/api/reports/users/{user_id}/statement", Access::user, get_statement,
     "get_statement"},
    {Method::get, "/api/reports/actions", Access::staff, list_actions, "list_actions"},
    {Method::get, "/api/reports/system", Access::staff, report_system, "report_system"},
    {Method::get, "/api/reports/ledger", Access::staff, report_ledger, "report_ledger"},
    {Method::get, "/api/reports/services", Access::staff, report_services, "report_services"},
};

}  // namespace

std::span<const net::Route<Service>> routes() { return kRoutes; }

}  // namespace instapay::reporting
