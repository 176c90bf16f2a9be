#include "accounts.h"

#include <fstream>
#include <stdexcept>

namespace bench {

std::vector<Account> read_accounts(const std::string& path) {
  std::ifstream file(path);
  std::vector<Account> accounts;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) throw std::runtime_error(path + ": not `id<TAB>email`: " + line);
    accounts.push_back({line.substr(0, tab), line.substr(tab + 1)});
  }
  if (accounts.size() < 2) throw std::runtime_error(path + ": fewer than two accounts");
  return accounts;
}

std::vector<std::uint32_t> read_subset(const std::string& path, std::size_t accounts) {
  std::ifstream file(path);
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t number = 0; file >> number;) {
    if (number >= accounts)
      throw std::runtime_error(path + ": no account " + std::to_string(number));
    numbers.push_back(number);
  }
  if (numbers.empty()) throw std::runtime_error(path + ": no account numbers");
  return numbers;
}

}  // namespace bench
