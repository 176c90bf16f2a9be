#pragma once
// The worker of the outbox (db/migrations/0008_mail.sql): takes one mail after the other, makes its
// text and link, sends it, and writes down how that went. Any number of them may run, in as many
// processes.
//
// A mail is sent once. The one doubt: a worker that dies, or loses the server's answer, between the
// last byte of a mail and writing it down. Then the mail is sent again with the same Message-ID,
// after its lease.
#include <memory>
#include <optional>

#include "core/money.h"
#include "mail/transport.h"
#include "pg/poller.h"

namespace instapay::mail {

inline constexpr int kMailAttemptsMax = 10;  // over some 24 hours
inline constexpr std::int32_t kMailLease_s = 60;
inline constexpr std::int32_t kMailRetryFirst_s = 10;
inline constexpr std::int32_t kMailRetryMax_s = 6 * 3600;
inline constexpr std::int32_t kResetLink_s = 30 * 60;
inline constexpr std::int32_t kVerifyLink_s = 24 * 3600;
inline constexpr std::int32_t kUndoLink_s = 7 * 24 * 3600;  // of a change of address
inline constexpr std::int32_t kNoticesGathered = 100;       // at a time
inline constexpr std::int32_t kRequestEventsGathered = 1'000;
inline constexpr std::int32_t kSummariesGathered = 200;

/// How long to wait after so many attempts: four times longer each time.
std::int32_t retry_after_s(std::int64_t attempts);

struct OutboxOptions {
  std::string from;        // address
  std::string public_url;  // of the wallet, without a slash at its end: links begin with it
  Currency currency;       // of the amounts in mails
};

class Outbox {
 public:
  Outbox(OutboxOptions options, Transport& transport)
      : options_(std::move(options)), transport_(transport) {}

  /// Handles the mail that is due the longest; false when none is.
  pg::Result<bool> step(pg::Connection& db);

 private:
  struct Mail;
  struct End;
  pg::Result<End> attempt(pg::Connection& db, const Mail& mail);
  Message write(const Mail& mail, const std::string& link) const;
  pg::Result<std::optional<std::string>> make_link(pg::Connection& db, const Mail& mail);

  OutboxOptions options_;
  Transport& transport_;
};

/// What a process without a worker publishes: no lag and no dead letters.
void publish_nothing_to_send();

/// Steps on a thread of its own, and publishes lag and dead letters.
class OutboxWorker {
 public:
  OutboxWorker(pg::ConnectOptions database, OutboxOptions options,
               std::unique_ptr<Transport> transport);
  OutboxWorker(pg::ConnectOptions database, OutboxOptions options, Transport& transport);

 private:
  pg::Result<bool> step(pg::Connection& db);
  pg::Result<void> tend(pg::Connection& db);
  pg::Result<bool> gather(pg::Connection& db);

  std::unique_ptr<Transport> own_transport_;
  Outbox outbox_;
  std::int64_t watch_at_us_ = 0, purge_at_us_ = 0;
  pg::Poller poller_;  // last: it uses all the others
};

}  // namespace instapay::mail
