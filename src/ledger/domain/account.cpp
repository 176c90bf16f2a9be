#include "ledger/domain/account.h"

#include <algorithm>

namespace instapay::ledger {

std::string_view name_of(AccountStatus status) {
  switch (status) {
    case AccountStatus::active:
      return "active";
    case AccountStatus::frozen:
      return "frozen";
    case AccountStatus::closed:
      return "closed";
  }
  return "unknown";
}

std::optional<AccountStatus> parse_account_status(std::string_view name) {
  using enum AccountStatus;
  for (const auto status : {active, frozen, closed})
    if (name_of(status) == name) return status;
  return std::nullopt;
}

void make_ordered_set(std::vector<AccountId>& ids) {
  std::ranges::sort(ids);
  const auto rest = std::ranges::unique(ids);
  ids.erase(rest.begin(), rest.end());
}

}  // namespace instapay::ledger
