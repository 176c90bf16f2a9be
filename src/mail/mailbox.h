#pragma once
// Where mails go in development without a mail server: the last of them, in memory and in the log.
#include <deque>
#include <mutex>
#include <vector>

#include "mail/transport.h"

namespace instapay::mail {

inline constexpr std::size_t kMailboxMax = 200;

/// Thread-safe.
class Mailbox final : public Transport {
 public:
  Attempt send(const Message& message) override;
  /// Newest first.
  std::vector<Message> list() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Message> messages_;
};

}  // namespace instapay::mail
