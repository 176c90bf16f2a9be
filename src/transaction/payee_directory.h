#pragma once
// Who an e-mail address, username or id stands for. A user's e-mail never changes (it is the
// payment address), so what was found once stays true; usernames may change and are asked anew.
// Thread-safe; bounded.
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>
#include <optional>
#include <string>

#include "async/task.h"
#include "core/error.h"
#include "core/uuid.h"
#include "pg/pool.h"

namespace instapay::transaction {

class PayeeDirectory {
 public:
  explicit PayeeDirectory(pg::Pool& db) : db_(db) {}

  /// nullopt when there is no such user.
  Task<Result<std::optional<Uuid>>> by_email(std::string email);
  Task<Result<std::optional<Uuid>>> by_username(std::string username);

 private:
  static constexpr std::size_t kGenerationMax = 200'000;

  pg::Pool& db_;
  std::mutex mutex_;
  boost::unordered_flat_map<std::string, Uuid> young_, old_;  // as in ledger::AccountBook
};

}  // namespace instapay::transaction
