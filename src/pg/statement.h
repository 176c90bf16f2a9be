#pragma once
#include <string_view>

namespace instapay::pg {

/// One SQL statement of db/queries. Its name is shared by logs, metrics and the server's
/// prepared statement.
struct Statement {
  std::string_view name;
  std::string_view sql;
};

}  // namespace instapay::pg
