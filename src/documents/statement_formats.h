#pragma once
// A statement for other programs. Each says the opening balance, every entry and the closing
// balance, and adds nothing up that the reader could not.
#include <optional>
#include <string>

#include "documents/statement.h"

namespace instapay::documents {

/// A row for the opening balance, one for each entry, one for the closing balance.
std::string statement_csv(const Statement& statement);

/// ISO 20022, BankToCustomerStatementV08. Valid against its schema.
std::string statement_camt053(const Statement& statement);

/// SWIFT's customer statement: one message, in its character set (other scripts are romanized).
/// nullopt: a number has more digits than it has room for (15 characters with the comma).
std::optional<std::string> statement_mt940(const Statement& statement);

/// OFX 2.2, a bank statement response; the opening balance is in its BALLIST.
std::string statement_ofx(const Statement& statement);

}  // namespace instapay::documents
