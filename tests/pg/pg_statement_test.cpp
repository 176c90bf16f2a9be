// What each file of db/queries declares, held to what the database answers on the migrated schema.
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <boost/json.hpp>
#include <map>
#include <set>

#include "pg/database.h"
#include "query_declarations.h"

namespace instapay {
namespace {

using testing::Database;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

class PgStatement : public ::testing::Test {
 protected:
  ResultPtr run(const std::string& sql) { return good(PQexec(conn_, sql.c_str()), sql); }

  ResultPtr good(PGresult* raw, std::string_view what) {
    ResultPtr result(raw);
    const auto status = PQresultStatus(raw);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw std::runtime_error(std::string(what) + ": " + PQresultErrorMessage(raw));
    return result;
  }

  // A cursor's columns are those of what it is declared for.
  static std::string select_of(std::string_view sql) {
    constexpr std::string_view kCursor = "CURSOR FOR\n";
    const auto at = sql.find(kCursor);
    return std::string(at == std::string_view::npos ? sql : sql.substr(at + kCursor.size()));
  }

  // Whether the column that an answer's column is taken from is NOT NULL; nothing for expressions
  // and views.
  std::optional<bool> not_null(const PGresult* described, int column) {
    const auto table = PQftable(described, column);
    const int number = PQftablecol(described, column);
    if (table == 0 || number <= 0) return std::nullopt;
    const auto found =
        run("SELECT a.attnotnull FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE c.relkind IN ('r', 'p') AND a.attrelid = " +
            std::to_string(table) + " AND a.attnum = " + std::to_string(number));
    if (PQntuples(found.get()) == 0) return std::nullopt;
    return *PQgetvalue(found.get(), 0, 0) == 't';
  }

  pg::Connection connection_ = Database::connect();
  PGconn* conn_ = connection_.handle();
};

using Outputs = std::vector<std::string>;

Outputs outputs_of(const boost::json::object& plan) {
  Outputs outputs;
  if (const auto* list = plan.if_contains("Output"))
    for (const auto& output : list->as_array()) outputs.emplace_back(output.as_string());
  return outputs;
}

// What stands on the side of an outer join that may be missing.
void collect_missing(const boost::json::object& plan, std::set<std::string>& missing) {
  const auto* children = plan.if_contains("Plans");
  if (children == nullptr) return;
  const auto* type = plan.if_contains("Join Type");
  const std::string join(type == nullptr ? "" : std::string_view(type->as_string()));
  for (const auto& child : children->as_array()) {
    const auto& node = child.as_object();
    const std::string_view side = node.at("Parent Relationship").as_string();
    if (join == "Full" || (join == "Left" && side == "Inner") ||
        (join == "Right" && side == "Outer"))
      for (auto& output : outputs_of(node)) missing.insert(std::move(output));
    collect_missing(node, missing);
  }
}

// By column: whether an outer join may leave it out, as the generic plan tells.
std::vector<bool> missing_columns(std::string_view explained, std::size_t columns) {
  const auto parsed = boost::json::parse(explained);
  const auto& plan = parsed.as_array().at(0).as_object().at("Plan").as_object();
  std::set<std::string> missing;
  collect_missing(plan, missing);
  const Outputs outputs = outputs_of(plan);
  std::vector<bool> found(columns);
  for (std::size_t i = 0; i < columns && i < outputs.size(); ++i)
    found[i] = missing.contains(outputs[i]);
  return found;
}

TEST_F(PgStatement, RowsAreAsTheirFilesDeclareThem) {
  run("SET plan_cache_mode = force_generic_plan");
  int held = 0;
  for (const auto& [statement, declared, columns] : queries::kDeclarations) {
    SCOPED_TRACE(statement.name);
    if (!declared) continue;
    const std::string sql = select_of(statement.sql);
    good(PQprepare(conn_, "declared", sql.c_str(), 0, nullptr), statement.name);
    const auto described = good(PQdescribePrepared(conn_, "declared"), statement.name);
    ASSERT_EQ(PQnfields(described.get()), static_cast<int>(columns.size()));
    if (!columns.empty()) {
      std::string nulls;
      for (int i = 0; i < PQnparams(described.get()); ++i) nulls += i == 0 ? "(NULL" : ", NULL";
      const auto explained = run("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE declared " + nulls +
                                 (nulls.empty() ? "" : ")"));
      const auto missing = missing_columns(PQgetvalue(explained.get(), 0, 0), columns.size());
      for (int i = 0; i < PQnfields(described.get()); ++i) {
        const pg::Column& column = columns[static_cast<std::size_t>(i)];
        SCOPED_TRACE(column.name);
        EXPECT_EQ(PQfname(described.get(), i), column.name);
        EXPECT_EQ(PQftype(described.get(), i), column.type);
        const auto table_says = not_null(described.get(), i);
        if (missing[static_cast<std::size_t>(i)] || table_says == false) {
          EXPECT_TRUE(column.nullable) << "may be NULL";
        } else if (table_says == true) {
          EXPECT_FALSE(column.nullable) << "is never NULL";
        }
        ++held;
      }
    }
    run("DEALLOCATE declared");
  }
  EXPECT_GT(held, 0);
}

}  // namespace
}  // namespace instapay
