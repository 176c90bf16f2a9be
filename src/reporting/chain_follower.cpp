#include "reporting/chain_follower.h"

#include <fmt/format.h>

#include "queries.h"

namespace instapay::reporting {
namespace {

namespace q = queries::reporting;

pg::Params params_of(const BatchRange& range) {
  pg::Params params;
  params.add(range.chain).add(range.after).add(range.last);
  return params;
}

class Transaction {
 public:
  Transaction(pg::Connection& connection, const Follower& follower)
      : connection_(connection), follower_(follower), made_(follower.derive(connection)) {}

  pg::Result<Followed> run() {
    const auto locked = connection_.query(q::try_follow_lock, me());
    if (!locked) return std::unexpected(locked.error());
    if (!locked->front().ours) return Followed{Followed::Outcome::somebody_else};
    const auto stands = connection_.query(q::is_ahead, me());
    if (!stands) return std::unexpected(stands.error());
    if (stands->front().ahead) return begin_anew();
    for (int ranges = 0;; ++ranges) {
      done_.is_more = done_.transfers >= follower_.transfers_max || ranges == kFollowRangesMax;
      if (done_.is_more) break;
      const auto more = take_a_range();
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
    if (done_.batches == 0) return done_;
    done_.outcome = Followed::Outcome::moved;
    if (auto written = made_->write(); !written) return std::unexpected(written.error());
    return done_;
  }

 private:
  pg::Params me() const { return std::move(pg::Params().add(follower_.number)); }

  pg::Result<Followed> begin_anew() {
    for (const pg::Statement& statement : follower_.forget)
      if (auto done = connection_.query(statement); !done) return std::unexpected(done.error());
    Followed anew{Followed::Outcome::began_anew};
    anew.is_more = true;
    return anew;
  }

  // False when no chain is left.
  pg::Result<bool> take_a_range() {
    pg::Params params = me();
    params.add(follower_.transfers_max - done_.transfers).add_array(stuck_);
    params.add(kFollowBatchesMax).add(kFollowSpan_s);
    const auto rows = connection_.query(q::next_batches, params);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return false;
    const auto next = rows->front();
    const BatchRange range{next.chain_id, next.after_seq, next.last_seq, next.transfers};
    if (range.last != range.after + next.batches)
      return leave(range.chain, fmt::format("chain {} has a gap between {} and {}", range.chain,
                                            range.after, range.last));
    const auto found = made_->take(range);
    if (!found) return std::unexpected(found.error());
    if (*found != range.transfers)
      return leave(range.chain,
                   fmt::format("batches {} to {} of chain {} have {} transfers, not {}",
                               range.after + 1, range.last, range.chain, *found, range.transfers));
    const auto moved = made_->move(range);
    if (!moved) return std::unexpected(moved.error());
    if (!*moved)
      return std::unexpected(pg::Failure{.message = "somebody else has taken a chain meanwhile"});
    done_.transfers += range.transfers;
    done_.batches += next.batches;
    return true;
  }

  pg::Result<bool> leave(std::int32_t chain, std::string problem) {
    stuck_.push_back(chain);
    if (done_.problem.empty()) done_.problem = std::move(problem);
    return true;
  }

  pg::Connection& connection_;
  const Follower& follower_;
  std::unique_ptr<Derivation> made_;
  std::vector<std::int32_t> stuck_;
  Followed done_;
};

}  // namespace

pg::Result<std::int64_t> StatementDerivation::take(const BatchRange& range) {
  const auto rows = connection_.query(take_, params_of(range));
  if (!rows) return std::unexpected(rows.error());
  return rows->int64(0, 0);
}

pg::Result<bool> StatementDerivation::move(const BatchRange& range) {
  const auto moved = connection_.query(move_, params_of(range));
  if (!moved) return std::unexpected(moved.error());
  return moved->affected() == 1;
}

pg::Result<Followed> follow(pg::Connection& connection, const Follower& follower) {
  const auto begun =
      connection.exec(fmt::format("BEGIN; SET LOCAL statement_timeout = {}", kFollowTimeout_ms));
  if (!begun) return std::unexpected(begun.error());
  auto done = Transaction(connection, follower).run();
  const bool changed = done && (done->outcome == Followed::Outcome::moved ||
                                done->outcome == Followed::Outcome::began_anew);
  const auto ended = connection.exec(changed ? "COMMIT" : "ROLLBACK");
  if (done && !ended) return std::unexpected(ended.error());
  return done;
}

pg::Result<void> begin_anew(pg::Connection& connection, const Follower& follower) {
  using Step = pg::Connection::Step;
  std::vector<Step> steps{{{"rebuild/begin", "BEGIN"}},
                          {q::follow_lock, std::move(pg::Params().add(follower.number))}};
  for (const pg::Statement& statement : follower.forget) steps.push_back({statement});
  steps.push_back({{"rebuild/commit", "COMMIT"}});
  if (auto done = connection.pipeline(steps); !done) return std::unexpected(done.error());
  return {};
}

}  // namespace instapay::reporting
