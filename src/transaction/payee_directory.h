#pragma once
// Who an id, e-mail address or username stands for. A user's id and e-mail never change (these are
// the payment addresses), so what was found once stays true, until the user is erased, whose
// account is closed then; usernames may change and are asked anew. Thread-safe; bounded.
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

  std::optional<Uuid> remembered(const std::string& name) const;
  void remember(const std::string& name, const Uuid& id);

  pg::Pool& db_;
  mutable std::mutex mutex_;
  boost::unordered_flat_map<std::string, Uuid> young_, old_;  // as in ledger::AccountBook
};

}  // namespace instapay::transaction
