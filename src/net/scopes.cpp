#include "net/scopes.h"

#include <algorithm>

namespace instapay::net {
namespace {

constexpr ScopeRule kRules[] = {
    {"get_balance", Scope::payments_read},
    {"get_limits", Scope::payments_read},
    {"get_transfer", Scope::payments_read},
    {"get_receipt", Scope::payments_read},
    {"list_transfers", Scope::payments_read},
    {"list_payees", Scope::payments_read},
    {"stream_entries", Scope::payments_read},
    {"create_transfer", Scope::payments_write},
    {"create_transfer_batch", Scope::payments_write},
    {"pay_request", Scope::payments_write},
    {"create_refund", Scope::refunds_write},
    {"list_requests", Scope::requests_read},
    {"get_request", Scope::requests_read},
    {"get_request_by_code", Scope::requests_read},
    {"list_request_payments", Scope::requests_read},
    {"list_splits", Scope::requests_read},
    {"get_split", Scope::requests_read},
    {"create_request", Scope::requests_write},
    {"cancel_request", Scope::requests_write},
    {"remind_of_request", Scope::requests_write},
    {"create_split", Scope::requests_write},
    {"cancel_split", Scope::requests_write},
    {"report_user", Scope::reports_read},
    {"report_transactions", Scope::reports_read},
    {"report_system", Scope::reports_read},
    {"report_ledger", Scope::reports_read},
    {"report_services", Scope::reports_read},
    {"list_actions", Scope::actions_read},
};

}  // namespace

std::span<const ScopeRule> scope_rules() { return kRules; }

std::optional<Scope> scope_of(std::string_view route) {
  const auto* const rule = std::ranges::find(kRules, route, &ScopeRule::route);
  return rule == std::end(kRules) ? std::nullopt : std::optional(rule->scope);
}

}  // namespace instapay::net
