#include "push/outbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/base64url.h"
#include "core/sha256.h"
#include "core/time.h"
#include "push/encryption.h"
#include "push/texts.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::push {
namespace {

constexpr std::int64_t kGatherEvery_us = 500'000;
constexpr std::int64_t kWatchEvery_us = 5 * kSecond_us;
constexpr std::int64_t kCountEvery_us = 60 * kSecond_us;  // it reads all of a table
constexpr std::int64_t kPurgeEvery_us = 3600 * kSecond_us;
constexpr std::int32_t kPurgeRows = 1000;  // at a time

using Push = queries::push::ClaimRow;

void publish(std::int64_t lag_s, std::int64_t dead) {
  metrics::gauge("instapay_push_lag_seconds", "How long the push waits that is due the longest")
      .Set(static_cast<double>(lag_s));
  metrics::gauge("instapay_push_dead_letters", "Pushes that will not be sent any more")
      .Set(static_cast<double>(dead));
}

void publish_browsers(std::int64_t browsers) {
  metrics::gauge("instapay_push_subscriptions", "Browsers that are told by push")
      .Set(static_cast<double>(browsers));
}

// Whether it is time, for one of the workers that ask.
bool is_due(std::atomic<std::int64_t>& at_us, std::int64_t now_us, std::int64_t every_us) {
  std::int64_t due_us = at_us.load();
  return now_us >= due_us && at_us.compare_exchange_strong(due_us, now_us + every_us);
}

// Gives the turn back, since nothing came of it.
std::unexpected<pg::Failure> failed(std::atomic<std::int64_t>& at_us, std::int64_t now_us,
                                    const pg::Failure& failure) {
  at_us = now_us;
  return std::unexpected(failure);
}

void count(std::string_view kind, std::string_view outcome) {
  metrics::counter("instapay_pushes_total", "Attempts to send a push",
                   {{"kind", std::string(kind)}, {"outcome", std::string(outcome)}})
      .Increment();
}

// As RFC 8030 and a browser's tag take it; tells nothing of what it names.
std::string name_of(std::string_view what) {
  return auth::base64url_encode(sha256(what)).substr(0, kTopic_chars);
}

// What replaces what: the newest about one thing stands for it. Where each tells something of its
// own, that is the event.
std::string topic_of(const Push& push) {
  const auto of = [](std::string_view what, const Uuid& id) {
    return name_of(fmt::format("{}/{}", what, id.to_string()));
  };
  if (push.request_id) return of("request", *push.request_id);
  if (push.hold_id) return of("hold", *push.hold_id);
  if (push.occurrence_id) return of("occurrence", *push.occurrence_id);
  if (push.draw_id) return of("draw", *push.draw_id);
  if (push.mandate_id) return of("mandate", *push.mandate_id);
  return name_of(push.event_key);
}

// The page of the wallet that it leads to, as web/src/notifications/kinds.ts has it.
std::string page_of(const Push& push) {
  if (push.transfer_id) return "/activity/" + push.transfer_id->to_string();
  if (push.request_id) return "/requests/" + push.request_id->to_string();
  if (push.hold_id) return "/holds/" + push.hold_id->to_string();
  if (push.mandate_id) return "/mandates/" + push.mandate_id->to_string();
  // The schedule is the payer's.
  if (push.kind == "schedule_not_received") return "/notifications";
  if (push.schedule_id) return "/schedules/" + push.schedule_id->to_string();
  if (push.kind == "new_device" || push.kind == "password_changed" || push.kind == "email_changed")
    return "/settings";
  return group_of(push.kind) == "safety" ? "/settings/security" : "/notifications";
}

// What cannot wait until a phone wakes up by itself.
std::string_view urgency_of(std::string_view kind) {
  const std::string_view group = group_of(kind);
  return group == "money" || group == "requests" || group == "safety" ? "high" : "normal";
}

}  // namespace

std::int32_t retry_after_s(std::int64_t attempts, std::int64_t asked_s) {
  std::int64_t wait_s = kPushRetryFirst_s;
  for (std::int64_t i = 1; i < attempts && wait_s < kPushRetryMax_s; ++i) wait_s *= 4;
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(std::max(wait_s, asked_s), kPushRetryMax_s));
}

void publish_nothing_to_push() {
  publish(0, 0);
  publish_browsers(0);
}

// How an attempt ends: the state that is written, why, and what is counted; or the browser has
// gone. And what it tells of the push service.
struct Outbox::End {
  std::string_view state, outcome;
  std::optional<std::string> error = {};
  std::int64_t asked_s = 0;
  bool is_gone = false;
  bool has_answered = false, is_away = false;
  bool is_failure = false;  // of this browser's address, not of ours
};

PushMessage Outbox::write(const Push& push, Endpoint endpoint) const {
  PushFacts facts{.kind = push.kind, .language = push.language};
  if (push.amount)
    facts.amount = fmt::format("{} {}", format_amount(*push.amount, options_.currency),
                               options_.currency.code);
  facts.person = push.person.value_or("");
  facts.shows_amounts = push.shows_amounts;
  const PushText text = text_of_push(facts);
  PushMessage message;
  message.topic = topic_of(push);
  std::string payload;
  JsonWriter(payload)
      .begin_object()
      .field("title", text.title)
      .field("body", text.body)
      .field("lang", push.language)
      .field("dir", push.language == "ar" ? "rtl" : "ltr")
      .field("url", page_of(push))
      .field("tag", message.topic)
      .field("id", name_of(push.event_key))
      .field("at", push.happened_at / 1000)
      .end_object();
  const auto bytes = [](std::span<const std::uint8_t> all) {
    return std::string_view(reinterpret_cast<const char*>(all.data()), all.size());
  };
  message.body = encrypt(payload, bytes(*push.p256dh), bytes(*push.auth));
  message.authorization = keys_.authorization(*push.vapid_kid, endpoint.origin, options_.subject,
                                              now_us() / kSecond_us);
  message.urgency = urgency_of(push.kind);
  message.ttl_s =
      group_of(push.kind) == "money" ? std::min(push.ttl_s, kMoneyPushTtl_s) : push.ttl_s;
  message.endpoint = std::move(endpoint);
  return message;
}

Outbox::End Outbox::attempt(const Push& push) {
  if (!push.endpoint || !push.is_wanted) return {"dropped", "dropped"};
  if (push.is_expired) return {"dead", "expired", "not sent while it was of use"};
  // Also where every attempt ended the worker.
  if (push.attempts > kPushAttemptsMax) return {"dead", "given_up", "the last attempt never ended"};
  // Another replica may have it already, or still.
  if (!keys_.has(*push.vapid_kid)) {
    const bool is_last = push.attempts >= kPushAttemptsMax;
    return {is_last ? "dead" : "pending", is_last ? "given_up" : "later",
            "made with a key that is not configured here"};
  }
  auto endpoint = options_.hosts.check(*push.endpoint);
  if (!endpoint) return {"dead", "refused", "PUSH_HOSTS does not have its host"};
  const std::string origin = endpoint->origin;
  const PushAnswer answer = service_.post(write(push, *std::move(endpoint)));
  const long status = answer.status;
  End end{.state = "sent", .outcome = "sent"};
  end.is_away = status == 0 || status == 429 || status >= 500;
  end.has_answered = !end.is_away;
  if (status >= 200 && status < 300) return end;
  std::string problem = status == 0 ? fmt::format("{}: {}", origin, answer.problem)
                                    : fmt::format("{} answered {}", origin, status);
  end.error = std::move(problem);
  if (status == 404 || status == 410) {
    end.outcome = "gone";
    end.is_gone = true;
    return end;
  }
  // 401 and 403 are about our key or clock, which an operator mends; the rest of 4yz and a redirect
  // about this push.
  const bool is_ours = status == 401 || status == 403;
  const bool is_for_now = end.is_away || is_ours || status == 408;
  end.is_failure = !is_ours && status != 429;
  end.state = "dead";
  end.outcome = is_for_now ? "given_up" : "refused";
  if (is_for_now && push.attempts < kPushAttemptsMax) {
    end.state = "pending";
    end.outcome = "later";
    end.asked_s = answer.retry_after_s;
  }
  return end;
}

pg::Result<void> Outbox::write_down(pg::Connection& db, const Push& push, const End& end) {
  namespace q = queries::push;
  pg::Result<void> done;
  const auto run = [&](const pg::Statement& statement, const pg::Params& params) {
    const auto ran = db.query(statement, params);
    if (!ran) done = std::unexpected(ran.error());
    return done.has_value();
  };
  const auto prune = [&] { return run(q::prune, pg::Params().add(push.subscription_id)); };
  const auto resume = [&] {
    return !end.has_answered || !push.was_paused || run(q::resume, pg::Params().add(push.id));
  };
  if (end.is_gone) {
    if (resume()) prune();
    return done;
  }
  pg::Params params;
  params.add(push.id).add(push.attempts).add(end.state).add(end.error);
  params.add(end.state == "pending" ? retry_after_s(push.attempts, end.asked_s) : 0);
  const auto finished = db.query(q::finish, params);
  if (!finished) return std::unexpected(finished.error());
  if (end.is_away &&
      !run(q::pause, pg::Params().add(push.id).add(kPushPauseFirst_s).add(kPushPauseMax_s)))
    return done;
  // Where nothing was finished somebody else has it.
  if (!resume() || finished->empty()) return done;
  if (end.state == "sent") run(q::reach, pg::Params().add(push.subscription_id));
  if (!end.is_failure) return done;
  const auto counted = db.query(
      q::fail, pg::Params().add(push.subscription_id).add(kPushFailuresMax).add(kPushSilence_days));
  if (!counted) return std::unexpected(counted.error());
  if (!counted->empty() && counted->front().is_over) {
    log::warn("browser forgotten: nothing reaches it", {{"instapay.push.id", push.id}});
    prune();
  }
  return done;
}

pg::Result<bool> Outbox::step(pg::Connection& db) {
  const auto claimed = db.query(queries::push::claim, pg::Params().add(kPushLease_s));
  if (!claimed) return std::unexpected(claimed.error());
  if (claimed->empty()) return false;
  const Push push = claimed->front();
  const End end = attempt(push);
  count(push.kind, end.outcome);
  if (end.error)
    log::warn("push not sent", {{"instapay.push.id", push.id},
                                {"instapay.push.kind", push.kind},
                                {"instapay.push.attempts", push.attempts},
                                {"event.outcome", end.outcome},
                                {"error.message", *end.error}});
  if (auto written = write_down(db, push, end); !written) return std::unexpected(written.error());
  return true;
}

PushWorker::PushWorker(pg::ConnectOptions database, OutboxOptions options, const VapidKeys& keys,
                       std::unique_ptr<PushService> service, std::shared_ptr<PushUpkeep> upkeep)
    : service_(std::move(service)),
      outbox_(std::move(options), keys, *service_),
      upkeep_(std::move(upkeep)),
      poller_(std::move(database),
              {.thread = "push",
               .application = "instapay push",
               .complaint = "cannot read the outbox of pushes"},
              [this](pg::Connection& db) { return step(db); }) {}

pg::Result<bool> PushWorker::step(pg::Connection& db) {
  if (auto tended = tend(db); !tended) return std::unexpected(tended.error());
  return outbox_.step(db);
}

pg::Result<void> PushWorker::tend(pg::Connection& db) {
  const std::int64_t now = monotonic_us();
  if (is_due(upkeep_->gather_at_us, now, kGatherEvery_us)) {
    const auto gathered = db.query(queries::push::gather, pg::Params().add(kPushEventsGathered));
    if (!gathered) return failed(upkeep_->gather_at_us, now, gathered.error());
    if (gathered->front().seen == kPushEventsGathered) upkeep_->gather_at_us = now;
  }
  if (is_due(upkeep_->watch_at_us, now, kWatchEvery_us)) {
    const auto state = db.query(queries::push::watch);
    if (!state) return failed(upkeep_->watch_at_us, now, state.error());
    publish(state->front().lag_s, state->front().dead);
  }
  if (is_due(upkeep_->count_at_us, now, kCountEvery_us)) {
    const auto counted = db.query(queries::push::count_browsers);
    if (!counted) return failed(upkeep_->count_at_us, now, counted.error());
    publish_browsers(counted->front().browsers);
  }
  if (is_due(upkeep_->purge_at_us, now, kPurgeEvery_us)) {
    const auto purged = db.query(queries::push::purge, pg::Params().add(kPurgeRows));
    if (!purged) return failed(upkeep_->purge_at_us, now, purged.error());
    if (purged->front().purged == kPurgeRows) upkeep_->purge_at_us = now + kWatchEvery_us;
  }
  return {};
}

}  // namespace instapay::push
