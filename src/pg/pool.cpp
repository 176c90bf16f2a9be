#include "pg/pool.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>

#include "core/time.h"
#include "telemetry/log.h"

namespace instapay::pg {
namespace {

constexpr auto kTick = std::chrono::milliseconds(100);
constexpr std::int64_t kReconnectMin_us = 100'000;
constexpr std::int64_t kReconnectMax_us = 1'000'000;
// The server cancels a statement at kStatementTimeout_ms; a link this silent is dead.
constexpr std::int64_t kSilenceMax_us = kStatementTimeout_ms * 1000 + 2'000'000;

struct Query {
  Statement statement;
  Params params;
  CompletionPtr<Result<Rows>> completion;
  std::int64_t since_us;
  Result<Rows> outcome = Rows{};
  bool preparing = false;
  bool ended = false;  // the last thing libpq gave was the end of a command's results
};
using QueryPtr = std::unique_ptr<Query>;

void finish(QueryPtr query, Result<Rows> outcome) {
  query->completion->complete(std::move(outcome));
}

// One pipelined connection, owned by its I/O thread.
class Link : public std::enable_shared_from_this<Link> {
 public:
  /// `descriptor`: a duplicate of the connection's. libpq closes its own as soon as the connection
  /// breaks; by the time asio let go of it, the number could be another socket's, which would then
  /// never hear of anything again.
  Link(asio::io_context& io, Connection connection, int descriptor)
      : connection_(std::move(connection)), conn_(connection_.handle()), socket_(io, descriptor) {
    PQenterPipelineMode(conn_);
  }

  void start() { read(); }
  /// Called when statements were answered, so that there is room for others.
  void on_room(std::function<void()> callback) { on_room_ = std::move(callback); }
  bool up() const { return up_; }
  std::size_t depth() const { return in_flight_.size(); }
  bool silent(std::int64_t now_us) const {
    return !in_flight_.empty() && now_us - in_flight_.front()->since_us > kSilenceMax_us;
  }

  void send(QueryPtr query, std::set<std::string_view>& prepared) {
    const std::string name(query->statement.name);
    if (prepared.insert(query->statement.name).second) {
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
          if (query.preparing) prepared_.erase(query.statement.name);
          if (query.outcome) query.outcome = std::unexpected(failure_of(raw, query.statement.name));
          if (query.outcome.error().kind == Failure::Kind::lost) return drop(PQerrorMessage(conn_));
      }
    }
  }

  Connection connection_;
  PGconn* conn_;
  asio::posix::stream_descriptor socket_;
  std::set<std::string_view> prepared_;
  std::deque<QueryPtr> in_flight_;
  std::function<void()> on_room_;
  bool writing_ = false;
  bool up_ = true;
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

class Pool::Lane : public std::enable_shared_from_this<Lane> {
 public:
  Lane(asio::io_context& io, ConnectOptions options, int size)
      : io_(io),
        loop_(std::make_shared<LoopHandle>(io)),
        options_(std::move(options)),
        size_(size),
        ticker_(io) {}

  void start() {
    for (int i = 0; i < size_; ++i) connect();
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
    if (links_.empty()) return refuse(std::move(query), "no connection", false);
    if (waiting_.size() >= kPoolQueueMax) return refuse(std::move(query), "queue full", true);
    waiting_.push_back(std::move(query));
    waiting_count = waiting_.size();
  }

  std::atomic<std::size_t> up_count = 0, in_flight_count = 0, waiting_count = 0;

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

  // The connection with the shortest pipeline, unless all are at their limit.
  Link* pick() {
    Link* best = nullptr;
    for (auto& link : links_)
      if (link->up() && link->depth() < kPipelineDepthMax &&
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
      if (links_.empty() && backoff_us_ == kReconnectMin_us)
        log::warn("waiting for the database", {{"error.message", opened.error().message}});
      retry_at_us_ = monotonic_us() + backoff_us_;
      backoff_us_ = std::min(backoff_us_ * 2, kReconnectMax_us);
      return;
    }
    backoff_us_ = kReconnectMin_us;
    retry_at_us_ = 0;
    auto link = std::make_shared<Link>(io_, std::move(*opened), descriptor);
    link->on_room([lane = weak_from_this()] {
      if (auto self = lane.lock()) self->serve_waiting();
    });
    link->start();
    links_.push_back(std::move(link));
    up_count = links_.size();
    serve_waiting();
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
    for (auto& link : links_) {
      if (link->silent(now_us)) link->drop("no answer in time");
      in_flight += link->depth();
    }
    std::erase_if(links_, [](const auto& link) { return !link->up(); });
    up_count = links_.size();
    in_flight_count = in_flight;
    if (now_us >= retry_at_us_)
      while (static_cast<int>(links_.size()) + connecting_ < size_) connect();
    serve_waiting();
    while (!waiting_.empty()) {
      const bool expired = now_us - waiting_.front()->since_us > kPoolWaitMax_us;
      if (!expired && !links_.empty()) break;
      refuse(next_waiting(), "waited too long for a connection", !links_.empty());
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
  int size_;
  asio::steady_timer ticker_;
  std::vector<std::shared_ptr<Link>> links_;
  std::deque<QueryPtr> waiting_;
  int connecting_ = 0;
  std::int64_t backoff_us_ = kReconnectMin_us;
  std::int64_t retry_at_us_ = 0;
  bool stopped_ = false;
};

Pool::Pool(IoThreads& threads, ConnectOptions options, int size) {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    lanes_.push_back(std::make_shared<Lane>(threads.at(i), options, size));
    asio::post(threads.at(i), [lane = lanes_.back()] { lane->start(); });
  }
}

Pool::~Pool() {
  // The I/O threads have stopped by now: nothing runs beside this.
  for (auto& lane : lanes_) lane->stop();
}

Task<Result<Rows>> Pool::query(Statement statement, Params params) {
  Lane& lane = *lanes_[IoThreads::current()];
  return suspend<Result<Rows>>([&lane, statement, params = std::move(params)](
                                   CompletionPtr<Result<Rows>> completion) mutable {
    lane.submit(std::make_unique<Query>(
        Query{statement, std::move(params), std::move(completion), monotonic_us()}));
  });
}

bool Pool::connected() const {
  for (const auto& lane : lanes_)
    if (lane->up_count == 0) return false;
  return true;
}

Pool::Usage Pool::usage() const {
  Usage usage{};
  for (const auto& lane : lanes_) {
    usage.connections += lane->up_count;
    usage.in_flight += lane->in_flight_count;
    usage.waiting += lane->waiting_count;
  }
  return usage;
}

}  // namespace instapay::pg
