#pragma once
// Who takes part in the load.
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Account {
  std::string id;
  std::string email;
};

/// Lines of `id<TAB>email`. Throws std::runtime_error when the file cannot be read or is empty.
std::vector<Account> read_accounts(const std::string& path);

/// Lines of one account number each (0-based), for loads that touch some accounts only.
std::vector<std::uint32_t> read_subset(const std::string& path, std::size_t accounts);

}  // namespace bench
