#pragma once
// The statements of db/queries, and the rows that their files declare (cmake/embed_queries.py).
#include <cstdint>
#include <string_view>

namespace instapay::pg {

/// Its name is shared by logs, metrics and the server's prepared statement.
struct Statement {
  std::string_view name;
  std::string_view sql;
};

/// A column of an answer; `type` is the OID.
struct Column {
  std::string_view name;
  std::uint32_t type = 0;
  bool nullable = false;
};

/// A statement whose rows are read as R: a struct with a member for each column.
template <class R>
struct TypedStatement : Statement {
  using Row = R;
};

}  // namespace instapay::pg
