#include "app/housekeeper.h"

#include <pthread.h>

#include "core/time.h"
#include "net/fetch.h"
#include "pg/migrations.h"
#include "queries/user.h"
#include "telemetry/log.h"
#include "user/factor_upkeep.h"

namespace instapay::app {
namespace {

constexpr auto kPeriod = std::chrono::milliseconds(200);
constexpr std::int64_t kFetchTimeout_ms = 3'000;
constexpr std::int64_t kPurgeEvery_us = 3600 * kSecond_us;
constexpr std::int64_t kPurgeOn_us = 5 * kSecond_us;  // while there is more
constexpr std::int32_t kPurgeRows = 1000;             // at a time

}  // namespace

Housekeeper::Housekeeper(HousekeeperTasks tasks, auth::KeyStore& keys)
    : tasks_(std::move(tasks)), keys_(keys), ledger_watch_(tasks_.reporting_role) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Housekeeper::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "housekeeper");
  migrated_ = tasks_.owner.url.empty();
  while (!stop.stop_requested()) {
    if (!migrated_) migrated_ = migrate();
    if (!tasks_.jwks_url.empty()) fetch_keys();
    if (migrated_ && !tasks_.user_role.url.empty() && monotonic_us() >= purge_at_us_)
      purge_sessions();
    if (migrated_) ledger_watch_.tick();
    std::this_thread::sleep_for(kPeriod);
  }
}

bool Housekeeper::migrate() {
  auto opened = pg::Connection::open(tasks_.owner);
  std::string problem;
  if (!opened) {
    problem = opened.error().message;
  } else if (auto applied = pg::migrate(*opened, pg::all_migrations(), {.stop = tasks_.owner.stop});
             !applied) {
    problem = applied.error();
  } else {
    for (const auto& migration : *applied)
      log::info("migration applied", {{"instapay.migration", migration.name}});
    return true;
  }
  if (!tasks_.owner.stop.stop_requested() && !std::exchange(complained_, true))
    log::warn("waiting for the database to migrate it", {{"error.message", problem}});
  return false;
}

void Housekeeper::purge_sessions() {
  purge_at_us_ = monotonic_us() + kPurgeEvery_us;
  auto opened = pg::Connection::open(tasks_.user_role);
  if (!opened) return;
  const auto purged = opened->query(queries::user::purge_sessions, pg::Params().add(kPurgeRows));
  if (!purged) {
    log::warn("cannot purge sessions", {{"error.message", purged.error().message}});
  } else if (purged->int64(0, 0) == kPurgeRows) {
    purge_at_us_ = monotonic_us() + kPurgeOn_us;
  }
  const auto events = opened->query(queries::user::purge_events, pg::Params().add(kPurgeRows));
  if (!events) {
    log::warn("cannot purge events", {{"error.message", events.error().message}});
  } else if (events->front().purged == kPurgeRows) {
    purge_at_us_ = monotonic_us() + kPurgeOn_us;
  }
  if (tasks_.factor_keys) keep_up_factors(*opened);
}

void Housekeeper::keep_up_factors(pg::Connection& connection) {
  const auto resealed = user::keep_up_factors(connection, *tasks_.factor_keys);
  if (!resealed) {
    log::warn("cannot keep up second factors", {{"error.message", resealed.error().message}});
  } else if (*resealed > 0) {
    log::info("second factors sealed with the first key", {{"instapay.factors", *resealed}});
  }
}

void Housekeeper::fetch_keys() {
  if (!keys_.begin_fetch(monotonic_us())) return;
  const auto fetched = net::fetch(tasks_.jwks_url, kFetchTimeout_ms);
  if (!fetched || fetched->status != 200) {
    log::warn("cannot fetch the verification keys",
              {{"url.full", tasks_.jwks_url},
               {"error.message",
                fetched ? "status " + std::to_string(fetched->status) : fetched.error()}});
    return;
  }
  auto keys = auth::KeySet::parse(fetched->body, auth::kTokenKeys);
  if (!keys) {
    log::warn("the verification keys are not usable", {{"error.message", keys.error()}});
    return;
  }
  // What is signed for one purpose must not pass for the other (config checks it where one process
  // is given both). The keys of before stay.
  if (keys->shares_a_key(tasks_.receipt_keys)) {
    log::error("the verification keys have a key of RECEIPT_PRIVATE_KEY: give receipts their own",
               {{"url.full", tasks_.jwks_url}});
    return;
  }
  if (*keys == *keys_.keys()) return;
  log::info("verification keys fetched", {{"instapay.keys", keys->size()}});
  keys_.replace(std::move(*keys));
}

}  // namespace instapay::app
