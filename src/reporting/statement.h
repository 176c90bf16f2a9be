#pragma once
// A statement out of the books, and its form on the way out.
#include "documents/statement.h"
#include "reporting/range.h"
#include "reporting/service.h"

namespace instapay::reporting {

enum class StatementFormat : std::uint8_t { csv, pdf, camt053, mt940, ofx };

struct StatementHolder {
  Uuid account;
  std::string username, display_name;
};

/// All of it in one snapshot. Errors: range_too_wide beyond kStatementDaysMax or `entries_max`; the
/// database's; internal_error when it does not add up, which is logged.
Task<Result<documents::Statement>> read_statement(Reading& reading, const StatementHolder& holder,
                                                  const Range& range, std::string_view tz,
                                                  Currency currency, int entries_max);

/// Renders it on the service's Workers. Errors: overloaded; validation_failed where the format has
/// no room for a number.
Task<Result<std::string>> render_statement(Service& service, documents::Statement statement,
                                           StatementFormat format, std::string language);

}  // namespace instapay::reporting
