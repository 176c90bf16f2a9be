#include "documents/statement.h"

#include "core/utf8.h"

namespace instapay::documents {

StatementSums add_up(const Statement& statement) {
  StatementSums sums;
  for (const StatementEntry& entry : statement.entries) {
    if (entry.amount_minor > 0) {
      sums.in_minor += entry.amount_minor;
      ++sums.in_count;
    } else {
      sums.out_minor -= entry.amount_minor;
      ++sums.out_count;
    }
  }
  return sums;
}

bool is_balanced(const Statement& statement) {
  Total balance = statement.opening_minor;
  for (const StatementEntry& entry : statement.entries) {
    balance += entry.amount_minor;
    if (balance != entry.balance_minor) return false;
  }
  return balance == statement.closing_minor;
}

bool is_payment(const StatementEntry& entry) {
  return entry.kind == "transfer" || entry.kind == "capture";
}

std::string_view counterparty_of(const StatementEntry& entry) {
  return entry.counterparty_name.empty() ? kIssuerName : entry.counterparty_name;
}

std::string masked_name(std::string_view name) {
  std::string masked;
  while (!name.empty()) {
    if (!masked.empty()) masked += ' ';
    masked += name.substr(0, utf8_char_size(name));
    masked += "***";
    const std::size_t blank = name.find(' ');
    name = blank == name.npos ? std::string_view() : name.substr(blank + 1);
  }
  return masked;
}

std::string_view first_chars(std::string_view utf8, std::size_t max_chars) {
  std::size_t size = 0;
  for (std::size_t chars = 0; chars < max_chars && size < utf8.size(); ++chars)
    size += utf8_char_size(utf8.substr(size));
  return utf8.substr(0, size);
}

}  // namespace instapay::documents
