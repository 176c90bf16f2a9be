#pragma once
// Who an id, e-mail address or username stands for. A user's id never changes, and an address that
// somebody gave up is nobody else's for seven days (db/migrations/0022_email_changes.sql), so what
// was found not long ago pays nobody else; of an erased user the account is closed. Usernames may
// change and are asked anew. Thread-safe; bounded.
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/io_threads.h"
#include "async/task.h"
#include "core/error.h"
#include "core/uuid.h"
#include "pg/pool.h"

namespace instapay::transaction {

class PayeeDirectory {
 public:
  explicit PayeeDirectory(pg::Pool& db) : db_(db) {}

  enum class Kind : std::uint8_t { id, email, username };
  /// Normalized. What is no address and no name is one that nobody has.
  struct Name {
    std::string text;  // of an id the canonical form
    Kind kind = Kind::username;

    static Name of_id(const Uuid& id);
    static Name of_email(std::string_view typed);
    static Name of_username(std::string_view typed);
    /// Whichever of the three it is.
    static Name of_any(std::string_view typed);
  };
  /// In the order of the names; nullopt where there is no such user. One query for all that is not
  /// known.
  Task<Result<std::vector<std::optional<Uuid>>>> find(const std::vector<Name>& names);
  Task<Result<std::optional<Uuid>>> find(Name name);
  /// Whose name it is now, whatever is remembered.
  Task<Result<std::optional<Uuid>>> find_anew(Name name);
  /// Asks the database again next time: the user may have been erased, and the address be
  /// another's.
  void forget(const std::string& name);

 private:
  static constexpr std::size_t kGenerationMax = 200'000;
  // What is remembered is at most three times as old: so long an address reaches who gave it up.
  static constexpr std::int64_t kGenerationLife_us = 1'800'000'000;

  void forget_old(std::int64_t now_us);
  std::optional<Uuid> remembered(const std::string& name) const;
  void remember(const std::string& name, const Uuid& id);

  pg::Pool& db_;
  mutable std::mutex mutex_;
  boost::unordered_flat_map<std::string, Uuid> young_, old_;  // as in ledger::AccountBook
  std::int64_t begun_us_ = 0;                                 // when the young generation began
};

}  // namespace instapay::transaction
