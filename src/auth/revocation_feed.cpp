#include "auth/revocation_feed.h"

#include "core/time.h"
#include "queries/auth.h"

namespace instapay::auth {

namespace {

Task<bool> poll(pg::Pool& db, Revocations& revocations, std::int64_t window_s) {
  const auto rows = co_await db.query(queries::auth::recent_revocations,
                                      pg::Params().add(static_cast<std::int32_t>(window_s)));
  if (!rows) co_return false;  // the pool says in the log that the database is away
  std::vector<Revocation> recent;
  for (const auto& row : *rows)
    recent.push_back({row.id, row.role ? parse_role(*row.role) : std::nullopt, row.factor_version});
  revocations.add(recent, monotonic_us());
  co_return true;
}

class Polls final : public Rounds {
 public:
  Polls(asio::io_context& io, pg::Pool& db, Revocations& revocations, std::int64_t ttl_s)
      : Rounds(io, std::chrono::microseconds(kRevocationPoll_us)),
        db_(db),
        revocations_(revocations),
        seen_until_us_(monotonic_us() - ttl_s * kSecond_us) {}

 private:
  Task<bool> round() override {
    const std::int64_t now_us = monotonic_us();
    const std::int64_t missed_s = (now_us - seen_until_us_) / kSecond_us;
    if (co_await poll(db_, revocations_, missed_s + kRevocationOverlap_s)) seen_until_us_ = now_us;
    co_return false;
  }

  pg::Pool& db_;
  Revocations& revocations_;
  // At first everything that a living token may not know of.
  std::int64_t seen_until_us_;
};

}  // namespace

RevocationFeed::RevocationFeed(pg::Pool& db, Revocations& revocations,
                               std::int64_t access_token_ttl_s)
    : db_(db), revocations_(revocations), access_token_ttl_s_(access_token_ttl_s) {}

void RevocationFeed::start(asio::io_context& io) {
  rounds_ = std::make_shared<Polls>(io, db_, revocations_, access_token_ttl_s_);
  rounds_->start();
}

void RevocationFeed::stop() {
  if (rounds_) rounds_->stop();
}

Task<void> RevocationFeed::catch_up() { co_await poll(db_, revocations_, kRevocationOverlap_s); }

}  // namespace instapay::auth
