#include "pg/pool.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include "core/random.h"
#include "core/time.h"
#include "pg/statement_metrics.h"
#include "queries.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::pg {
namespace {

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr std::int64_t kReconnectMin_us = 100'000;
constexpr std::int64_t kReconnectMax_us = 1'000'000;
// The server cancels a statement at kStatementTimeout_ms; a link this silent is dead.
constexpr std::int64_t kSilenceMax_us = kStatementTimeout_ms * 1000 + 2'000'000;
constexpr std::int64_t kReplayLook_us = 250'000;
constexpr std::int64_t kNoLag = std::numeric_limits<std::int64_t>::max();

// Rows, and when the server they came from had replayed up to.
using Answer = Result<Aged>;

struct Query {
  Statement statement;
  Params params;
  CompletionPtr<Answer> completion;  // none: it asks for the link itself
  std::int64_t since_us;
  std::int64_t as_of_us = 0;
  Result<Rows> outcome = Rows{};
  bool preparing = false;
  bool ended = false;  // the last thing libpq gave was the end of a command's results
};
using QueryPtr = std::unique_ptr<Query>;

void finish(QueryPtr query, Result<Rows> outcome) {
  if (!query->completion) return;
  if (outcome) {
    query->completion->complete(Aged{std::move(*outcome), query->as_of_us});
  } else {
    query->completion->complete(std::unexpected(std::move(outcome.error())));
  }
}

Result<Rows> without_age(Answer answer) {
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::move(answer->rows);
}

// Of several that were opened together, not all are closed together.
std::int64_t age_of_one(std::int64_t age_max_us) {
  if (age_max_us == 0) return std::numeric_limits<std::int64_t>::max() / 2;
  std::uint16_t chance = 0;
  fill_random(&chance, sizeof chance);
  return age_max_us - age_max_us / 5 * chance / std::numeric_limits<std::uint16_t>::max();
}

// One pipelined connection, owned by its I/O thread.
class Link : public std::enable_shared_from_this<Link> {
 public:
  /// `descriptor`: a duplicate of the connection's. libpq closes its own as soon as the connection
  /// breaks; by the time asio let go of it, the number could be another socket's, which would then
  /// never hear of anything again.
  Link(asio::io_context& io, Connection connection, int descriptor, std::int64_t ends_us)
      : connection_(std::move(connection)),
        conn_(connection_.handle()),
        socket_(io, descriptor),
        ends_us_(ends_us) {
    PQenterPipelineMode(conn_);
  }

  void start() { read(); }
  /// Called when statements were answered, so that there is room for others.
  void on_room(std::function<void()> callback) { on_room_ = std::move(callback); }
  bool up() const { return up_; }
  bool aged(std::int64_t now_us) const { return now_us >= ends_us_; }
  /// Of a retired one that has nothing in flight: what waits for its socket would keep it open.
  void close() {
    up_ = false;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  /// Takes no further statements; its owner closes it once none is in flight.
  void retire() { retired_ = true; }
  bool retired() const { return retired_; }
  bool takes_statements() const { return up_ && !retired_; }
  /// A standby's: until when it has replayed, by the primary's clock. 0: not known yet.
  std::int64_t as_of_us() const { return as_of_us_; }

  void look_at_replay(std::int64_t now_us) {
    if (looking_ || now_us - looked_us_ < kReplayLook_us) return;
    looking_ = true;
    looked_us_ = now_us;
    send(std::make_unique<Query>(Query{queries::standby::replayed_until, {}, nullptr, now_us}));
  }
  std::size_t depth() const { return in_flight_.size(); }
  bool silent(std::int64_t now_us) const {
    return !in_flight_.empty() && now_us - in_flight_.front()->since_us > kSilenceMax_us;
  }

  void send(QueryPtr query, std::set<std::string>& prepared) {
    const std::string name(query->statement.name);
    if (prepared.insert(name).second) {
      query->preparing = true;
      if (PQsendPrepare(conn_, name.c_str(), std::string(query->statement.sql).c_str(), 0,
                        nullptr) == 0)
        return fail_with(std::move(query));
    }
    static thread_local Params::Pointers pointers;
    query->params.point(pointers);
    if (PQsendQueryPrepared(conn_, name.c_str(), query->params.size(), pointers.values.data(),
                            pointers.lengths.data(), pointers.formats.data(), 1) == 0 ||
        PQpipelineSync(conn_) == 0)
      return fail_with(std::move(query));
    query->since_us = monotonic_us();
    query->as_of_us = as_of_us_;
    in_flight_.push_back(std::move(query));
    flush();
  }
  void send(QueryPtr query) { send(std::move(query), prepared_); }

  // Ends everything in flight as lost; the connection is of no more use.
  void drop(std::string_view why) {
    if (!up_) return;
    up_ = false;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    auto lost = std::move(in_flight_);
    in_flight_.clear();
    log::warn("database connection lost", {{"error.message", why}});
    for (auto& query : lost) {
      Failure failure{
          Failure::Kind::lost, {}, {}, std::string(why), std::string(query->statement.name)};
      finish(std::move(query), std::unexpected(std::move(failure)));
    }
  }

 private:
  void fail_with(QueryPtr query) {
    in_flight_.push_back(std::move(query));
    drop(PQerrorMessage(conn_));
  }

  void flush() {
    if (writing_) return;
    const int rest = PQflush(conn_);
    if (rest < 0) return drop(PQerrorMessage(conn_));
    if (rest == 0) return;
    writing_ = true;
    socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                       [self = shared_from_this()](boost::system::error_code error) {
                         self->writing_ = false;
                         if (!error && self->up_) self->flush();
                       });
  }

  void read() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                         if (error || !self->up_) return;
                         if (PQconsumeInput(self->conn_) == 0)
                           return self->drop(PQerrorMessage(self->conn_));
                         self->take_results();
                         if (self->up_) self->read();
                         if (self->on_room_) self->on_room_();
                       });
  }

  void take_results() {
    while (up_ && PQisBusy(conn_) == 0) {
      if (in_flight_.empty()) return;
      PGresult* raw = PQgetResult(conn_);
      Query& query = *in_flight_.front();
      if (raw == nullptr) {
        query.preparing = false;
        // Two ends in a row: libpq expects nothing more, and would say so for ever.
        if (PQstatus(conn_) != CONNECTION_OK || query.ended) return drop(PQerrorMessage(conn_));
        query.ended = true;
        continue;
      }
      query.ended = false;
      Rows rows(raw);
      switch (PQresultStatus(raw)) {
        case PGRES_PIPELINE_SYNC: {
          QueryPtr done = std::move(in_flight_.front());
          in_flight_.pop_front();
          auto outcome = std::move(done->outcome);
          observe_statement(done->statement.name, monotonic_us() - done->since_us, !outcome);
          if (!done->completion) note_replay(outcome);
          finish(std::move(done), std::move(outcome));
          break;
        }
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
          if (!query.preparing) query.outcome = std::move(rows);
          break;
        case PGRES_PIPELINE_ABORTED:
          break;
        default:
          if (query.preparing) prepared_.erase(std::string(query.statement.name));
          if (query.outcome) query.outcome = std::unexpected(failure_of(raw, query.statement.name));
          if (query.outcome.error().kind == Failure::Kind::lost) return drop(PQerrorMessage(conn_));
      }
    }
  }

  void note_replay(const Result<Rows>& rows) {
    looking_ = false;
    if (!rows) return;
    if (rows->empty()) return retire();  // it was promoted: reports go to a standby
    const auto replayed = queries::standby::ReplayedUntilRow::read(*rows, 0);
    as_of_us_ = replayed.committed_at.value_or(as_of_us_);
  }

  Connection connection_;
  PGconn* conn_;
  asio::posix::stream_descriptor socket_;
  std::set<std::string> prepared_;
  std::deque<QueryPtr> in_flight_;
  std::function<void()> on_room_;
  const std::int64_t ends_us_;
  std::int64_t as_of_us_ = 0, looked_us_ = 0;
  bool looking_ = false;
  bool writing_ = false;
  bool up_ = true;
  bool retired_ = false;
};

// Opening a connection blocks (name look-up, authentication), so it happens on a thread aside.
asio::thread_pool& connectors() {
  static asio::thread_pool threads(2);
  return threads;
}

// Posts to the lane's io_context from such a thread until close(): a connection that is still being
// opened when its lane stops outlives the lane and the io_context.
class LoopHandle {
 public:
  explicit LoopHandle(asio::io_context& io) : io_(&io) {}

  void close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }
  void post(auto work) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(work));
  }

 private:
  std::mutex mutex_;
  asio::io_context* io_;
};

}  // namespace

// Of standbys: how old they may be, and the primary's clock to tell it by.
struct Freshness {
  std::int64_t lag_max_us;
  std::shared_ptr<const std::atomic<std::int64_t>> primary_clock_us;

  std::int64_t lag_us(const Link& link) const {
    const std::int64_t clock_us = *primary_clock_us;
    if (clock_us == 0 || link.as_of_us() == 0) return kNoLag;
    return std::max<std::int64_t>(monotonic_us() + clock_us - link.as_of_us(), 0);
  }
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  Lane(asio::io_context& io, ConnectOptions options, PoolSize size,
       std::optional<Freshness> freshness = {})
      : io_(io),
        loop_(std::make_shared<LoopHandle>(io)),
        options_(std::move(options)),
        size_(size),
        freshness_(std::move(freshness)),
        ticker_(io) {}

  void start() {
    for (int i = 0; i < size_.connections; ++i) connect();
    tick();
  }

  void stop() {
    stopped_ = true;
    loop_->close();
    ticker_.cancel();
    for (auto& link : links_) link->on_room(nullptr);
    links_.clear();
  }

  void submit(QueryPtr query) {
    // Nobody overtakes those who wait: then the oldest would be the ones that are refused.
    if (waiting_.empty())
      if (Link* link = pick(); link != nullptr) return link->send(std::move(query));
    if (!usable()) return refuse(std::move(query), "no connection", false);
    if (waiting_.size() >= kPoolQueueMax) return refuse(std::move(query), "queue full", true);
    waiting_.push_back(std::move(query));
    waiting_count = waiting_.size();
  }

  std::atomic<std::size_t> up_count = 0, in_flight_count = 0, waiting_count = 0;
  std::atomic<std::int64_t> least_lag_us = kNoLag;

 private:
  static void refuse(QueryPtr query, std::string_view why, bool overloaded) {
    Failure failure{Failure::Kind::refused,
                    {},
                    {},
                    std::string(why),
                    std::string(query->statement.name),
                    overloaded};
    finish(std::move(query), std::unexpected(std::move(failure)));
  }

  bool usable(const Link& link) const {
    return link.takes_statements() &&
           (!freshness_ || freshness_->lag_us(link) <= freshness_->lag_max_us);
  }
  bool usable() const {
    return std::ranges::any_of(links_, [this](const auto& link) { return usable(*link); });
  }

  // The connection with the shortest pipeline, unless all are at their limit.
  Link* pick() {
    Link* best = nullptr;
    for (auto& link : links_)
      if (usable(*link) && link->depth() < kPipelineDepthMax &&
          (best == nullptr || link->depth() < best->depth()))
        best = link.get();
    return best;
  }

  void connect() {
    ++connecting_;
    asio::post(connectors(), [loop = loop_, lane = weak_from_this(), options = options_] {
      auto opened = std::make_shared<Result<Connection>>(Connection::open(options));
      loop->post([lane, opened] {
        if (auto self = lane.lock()) self->connected(std::move(*opened));
      });
    });
  }

  void connected(Result<Connection> opened) {
    --connecting_;
    if (stopped_ || options_.stop.stop_requested()) return;
    const int descriptor = opened ? ::dup(PQsocket(opened->handle())) : -1;
    if (opened && descriptor < 0)
      opened = std::unexpected(
          Failure{Failure::Kind::refused, {}, {}, "out of file descriptors", "connect"});
    if (!opened) {
      if (links_.empty() && !std::exchange(complained_, true))
        log::warn(freshness_ ? "waiting for a standby" : "waiting for the database",
                  {{"error.message", opened.error().message}});
      retry_at_us_ = monotonic_us() + backoff_us_;
      backoff_us_ = std::min(backoff_us_ * 2, kReconnectMax_us);
      return;
    }
    backoff_us_ = kReconnectMin_us;
    retry_at_us_ = 0;
    complained_ = false;
    auto link = std::make_shared<Link>(io_, std::move(*opened), descriptor,
                                       monotonic_us() + age_of_one(size_.connection_age_max_us));
    link->on_room([lane = weak_from_this()] {
      if (auto self = lane.lock()) self->serve_waiting();
    });
    link->start();
    links_.push_back(std::move(link));
    up_count = links_.size();
    if (live() > size_.connections) retire_one();
    serve_waiting();
  }

  int live() const {
    return static_cast<int>(
        std::ranges::count_if(links_, [](const auto& link) { return link->takes_statements(); }));
  }

  void retire_one() {
    static auto& replaced =
        metrics::counter("instapay_db_connections_replaced_total",
                         "Connections closed because of their age, after others took their place");
    const auto aged = std::ranges::find_if(links_, [now_us = monotonic_us()](const auto& link) {
      return link->takes_statements() && link->aged(now_us);
    });
    if (aged == links_.end()) return;
    (*aged)->retire();
    replaced.Increment();
  }

  // Housekeeping: dead links out, new ones in, those who waited too long told so.
  void tick() {
    ticker_.expires_after(kTick);
    ticker_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->stopped_) return;
      self->housekeep(monotonic_us());
      self->tick();
    });
  }

  void housekeep(std::int64_t now_us) {
    std::size_t in_flight = 0;
    std::int64_t least_lag = kNoLag;
    for (auto& link : links_) {
      if (link->silent(now_us)) link->drop("no answer in time");
      if (freshness_ && link->takes_statements()) {
        link->look_at_replay(now_us);
        least_lag = std::min(least_lag, freshness_->lag_us(*link));
      }
      in_flight += link->depth();
    }
    least_lag_us = least_lag;
    for (auto& link : links_)
      if (link->retired() && link->depth() == 0) link->close();
    std::erase_if(links_, [](const auto& link) { return !link->up(); });
    up_count = links_.size();
    in_flight_count = in_flight;
    // One that is too old goes when its successor is there: a database that takes no new connection
    // just now does not cost those there are.
    const bool aged = std::ranges::any_of(links_, [now_us](const auto& link) {
      return link->takes_statements() && link->aged(now_us);
    });
    if (now_us >= retry_at_us_)
      while (live() + connecting_ < size_.connections + (aged ? 1 : 0)) connect();
    serve_waiting();
    while (!waiting_.empty()) {
      const bool expired = now_us - waiting_.front()->since_us > kPoolWaitMax_us;
      if (!expired && usable()) break;
      refuse(next_waiting(), "waited too long for a connection", usable());
    }
  }

  // First come, first served, as soon as there is room.
  void serve_waiting() {
    while (!waiting_.empty()) {
      Link* link = pick();
      if (link == nullptr) return;
      link->send(next_waiting());
    }
  }

  QueryPtr next_waiting() {
    QueryPtr query = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_count = waiting_.size();
    return query;
  }

  asio::io_context& io_;
  std::shared_ptr<LoopHandle> loop_;
  ConnectOptions options_;
  const PoolSize size_;
  const std::optional<Freshness> freshness_;  // none: of the primary
  asio::steady_timer ticker_;
  std::vector<std::shared_ptr<Link>> links_;
  std::deque<QueryPtr> waiting_;
  int connecting_ = 0;
  std::int64_t backoff_us_ = kReconnectMin_us;
  std::int64_t retry_at_us_ = 0;
  bool complained_ = false;  // since there was a connection
  bool stopped_ = false;
};

namespace {

template <class... More>
std::vector<std::shared_ptr<Lane>> make_lanes(IoThreads& threads, const ConnectOptions& options,
                                              PoolSize size, const More&... more) {
  std::vector<std::shared_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    lanes.push_back(std::make_shared<Lane>(threads.at(i), options, size, more...));
    asio::post(threads.at(i), [lane = lanes.back()] { lane->start(); });
  }
  return lanes;
}

Task<Answer> ask(Lane& lane, Statement statement, Params params) {
  return suspend<Answer>(
      [&lane, statement, params = std::move(params)](CompletionPtr<Answer> completion) mutable {
        lane.submit(std::make_unique<Query>(
            Query{statement, std::move(params), std::move(completion), monotonic_us()}));
      });
}

PoolUsage usage_of(const std::vector<std::shared_ptr<Lane>>& lanes) {
  PoolUsage usage{};
  for (const auto& lane : lanes) {
    usage.connections += lane->up_count;
    usage.in_flight += lane->in_flight_count;
    usage.waiting += lane->waiting_count;
  }
  return usage;
}

}  // namespace

Pool::Pool(IoThreads& threads, ConnectOptions options, PoolSize size) {
  options.server = Server::primary;
  lanes_ = make_lanes(threads, options, size);
}

Pool::~Pool() {
  // The I/O threads have stopped by now: nothing runs beside this.
  for (auto& lane : lanes_) lane->stop();
}

Task<Result<Rows>> Pool::query(Statement statement, Params params) {
  Lane& lane = *lanes_[IoThreads::current()];
  co_return without_age(co_await ask(lane, statement, std::move(params)));
}

bool Pool::connected() const {
  for (const auto& lane : lanes_)
    if (lane->up_count == 0) return false;
  return true;
}

PoolUsage Pool::usage() const { return usage_of(lanes_); }

StandbyPool::StandbyPool(IoThreads& threads, ConnectOptions options, PoolSize size,
                         std::int64_t lag_max_us)
    : primary_clock_us_(std::make_shared<std::atomic<std::int64_t>>(0)) {
  options.server = Server::standby;
  lanes_ = make_lanes(threads, options, size, Freshness{lag_max_us, primary_clock_us_});
}

StandbyPool::~StandbyPool() {
  for (auto& lane : lanes_) lane->stop();  // as in ~Pool
}

void StandbyPool::set_primary_clock(std::int64_t primary_us) {
  *primary_clock_us_ = primary_us - monotonic_us();
}

Task<Result<Aged>> StandbyPool::query(Statement statement, Params params) {
  return ask(*lanes_[IoThreads::current()], statement, std::move(params));
}

std::optional<std::int64_t> StandbyPool::lag_us() const {
  std::int64_t most = 0;
  for (const auto& lane : lanes_) most = std::max<std::int64_t>(most, lane->least_lag_us);
  return most == kNoLag ? std::nullopt : std::optional(most);
}

PoolUsage StandbyPool::usage() const { return usage_of(lanes_); }

}  // namespace instapay::pg
