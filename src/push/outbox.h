#pragma once
// The worker of the outbox of pushes (db/migrations/0031_push.sql), as that of mails: takes one
// after the other, makes its text, sends it, and writes down how that went. Any number of them may
// run, in as many processes.
//
// A push is sent once. The one doubt: a worker that dies between a push service's answer and
// writing it down. Then it is sent again after its lease, with the same Topic and the same tag, by
// which the push service or the browser shows it once.
#include <atomic>
#include <memory>
#include <optional>

#include "core/money.h"
#include "pg/poller.h"
#include "push/service.h"
#include "push/vapid.h"
#include "queries/push.h"

namespace instapay::push {

inline constexpr int kPushAttemptsMax = 8;  // over some nine hours
inline constexpr std::int32_t kPushLease_s = 60;
inline constexpr std::int32_t kPushRetryFirst_s = 15;
inline constexpr std::int32_t kPushRetryMax_s = 6 * 3600;  // also of what a push service asks for
/// A push service that does not answer, or says 429 or 5yz, gets nothing for so long, twice as long
/// each time in a row: it holds up no other.
inline constexpr std::int32_t kPushPauseFirst_s = 5;
inline constexpr std::int32_t kPushPauseMax_s = 600;
/// A browser is forgotten after so many attempts in a row that failed, when nothing has reached it
/// for so long: a push service that is away for a day forgets nobody.
inline constexpr std::int32_t kPushFailuresMax = 30;
inline constexpr std::int32_t kPushSilence_days = 3;
inline constexpr std::int32_t kPushEventsGathered = 1'000;
/// What push services keep of money that came for a browser that is away: who has it by then may be
/// somebody else, whom a sign-out that the server did not hear of does not keep it from.
inline constexpr std::int32_t kMoneyPushTtl_s = 3600;
inline constexpr int kPushWorkers = 2;  // of a process: a push service that hangs holds up one
inline constexpr std::size_t kTopic_chars = 32;  // RFC 8030 §5.4

/// How long to wait after so many attempts: four times longer each time, or as long as was asked.
std::int32_t retry_after_s(std::int64_t attempts, std::int64_t asked_s);

struct OutboxOptions {
  PushHosts hosts;
  std::string subject;  // whom a push service writes to when something is wrong
  Currency currency;    // of the amounts
};

class Outbox {
 public:
  Outbox(OutboxOptions options, const VapidKeys& keys, PushService& service)
      : options_(std::move(options)), keys_(keys), service_(service) {}

  /// Handles the push that is due the longest; false when none is.
  pg::Result<bool> step(pg::Connection& db);

 private:
  using Push = queries::push::ClaimRow;
  struct End;
  End attempt(const Push& push);
  static pg::Result<void> write_down(pg::Connection& db, const Push& push, const End& end);
  PushMessage write(const Push& push, Endpoint endpoint) const;

  OutboxOptions options_;
  const VapidKeys& keys_;
  PushService& service_;
};

/// What a process without a worker publishes: no lag and no dead letters.
void publish_nothing_to_push();

/// When something besides sending is to be done next, by whichever worker of the process comes
/// first.
struct PushUpkeep {
  std::atomic<std::int64_t> gather_at_us = 0, watch_at_us = 0, count_at_us = 0, purge_at_us = 0;
};

/// Steps on a thread of its own, and publishes lag and dead letters.
class PushWorker {
 public:
  PushWorker(pg::ConnectOptions database, OutboxOptions options, const VapidKeys& keys,
             std::unique_ptr<PushService> service, std::shared_ptr<PushUpkeep> upkeep);

  /// So that several are waited for at once; the destructor waits.
  void request_stop() { poller_.request_stop(); }

 private:
  pg::Result<bool> step(pg::Connection& db);
  pg::Result<void> tend(pg::Connection& db);

  std::unique_ptr<PushService> service_;
  Outbox outbox_;
  std::shared_ptr<PushUpkeep> upkeep_;
  pg::Poller poller_;  // last: it uses all the others
};

}  // namespace instapay::push
