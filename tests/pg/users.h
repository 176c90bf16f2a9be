#pragma once
// Users for the tests of this executable, as the user service writes them.
#include <atomic>
#include <string>

#include "core/time.h"
#include "pg/database.h"
#include "queries.h"

namespace instapay::testing {

inline std::string unique_name(std::string_view stem) {
  static std::atomic<int> next = 0;
  return std::string(stem) + std::to_string(++next);
}

inline pg::Rows sql(pg::Connection& db, std::string_view name, std::string_view text,
                    const pg::Params& params = {}) {
  return rows_of(db.query({name, text}, params));
}

inline pg::Result<pg::Rows> insert_user(pg::Connection& db, const Uuid& id,
                                        const std::string& username, const std::string& email,
                                        const std::string& hash = "hash") {
  pg::Params params;
  params.add(id).add(username).add(email).add(username).add(hash).add("user").add_time(now_us());
  params.add_null().add(false).add(0).add(false);
  return db.query(queries::user::register_user, params);
}

/// With a wallet; the address is the name's at example.com.
inline Uuid make_user(pg::Connection& db, const std::string& name) {
  const Uuid id = Uuid::v7(now_us());
  rows_of(insert_user(db, id, name, name + "@example.com"));
  return id;
}

}  // namespace instapay::testing
