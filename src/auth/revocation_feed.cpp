#include "auth/revocation_feed.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/time.h"
#include "queries/auth.h"

namespace instapay::auth {

struct RevocationFeed::Loop {
  Loop(asio::io_context& io, RevocationFeed& feed)
      : timer(io), db(feed.db_), revocations(feed.revocations_), ttl_s(feed.access_token_ttl_s_) {}

  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer;
  pg::Pool& db;
  Revocations& revocations;
  const std::int64_t ttl_s;
  bool stopped = false;  // on the loop's thread only
};

RevocationFeed::RevocationFeed(pg::Pool& db, Revocations& revocations,
                               std::int64_t access_token_ttl_s)
    : db_(db), revocations_(revocations), access_token_ttl_s_(access_token_ttl_s) {}

void RevocationFeed::start(asio::io_context& io) {
  loop_ = std::make_shared<Loop>(io, *this);
  asio::co_spawn(io.get_executor(), run(loop_), asio::detached);
}

void RevocationFeed::stop() {
  if (!loop_) return;
  asio::post(loop_->timer.get_executor(), [loop = loop_] {
    loop->stopped = true;
    loop->timer.cancel();
  });
}

Task<void> RevocationFeed::catch_up() { co_await poll(db_, revocations_, kRevocationOverlap_s); }

Task<void> RevocationFeed::run(std::shared_ptr<Loop> loop) {
  // At first everything that a living token may not know of.
  std::int64_t seen_until_us = monotonic_us() - loop->ttl_s * kSecond_us;
  while (!loop->stopped) {
    const std::int64_t now_us = monotonic_us();
    const std::int64_t missed_s = (now_us - seen_until_us) / kSecond_us;
    if (co_await poll(loop->db, loop->revocations, missed_s + kRevocationOverlap_s))
      seen_until_us = now_us;
    if (loop->stopped) co_return;
    boost::system::error_code cancelled;
    loop->timer.expires_after(std::chrono::microseconds(kRevocationPoll_us));
    co_await loop->timer.async_wait(asio::redirect_error(kUseTask, cancelled));
  }
}

Task<bool> RevocationFeed::poll(pg::Pool& db, Revocations& revocations, std::int64_t window_s) {
  const auto rows = co_await db.query(queries::auth::recent_revocations,
                                      pg::Params().add(static_cast<std::int32_t>(window_s)));
  if (!rows) co_return false;  // the pool says in the log that the database is away
  std::vector<Revocation> recent;
  for (const auto& row : *rows)
    recent.push_back({row.id, row.role ? parse_role(*row.role) : std::nullopt, row.factor_version});
  revocations.add(recent, monotonic_us());
  co_return true;
}

}  // namespace instapay::auth
