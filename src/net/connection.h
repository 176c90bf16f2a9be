#pragma once
// One client's connection: reads requests, writes responses, keeps to its deadlines. Lives on one
// I/O thread. Template over the stream: TCP or TLS over it. Included by server.cpp only.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "core/time.h"
#include "net/compress.h"
#include "net/forwarded.h"
#include "net/middleware.h"
#include "net/parser.h"
#include "net/wire.h"

namespace instapay::net {

namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;

/// What a connection needs of its server.
struct Host {
  Middleware& middleware;
  const ServerOptions& options;
  const std::atomic<bool>& stopping;
};

/// Who is at the other end.
struct Peer {
  IpAddress ip;
  std::string address;  // the same as text
  bool is_trusted_proxy = false;
};

class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  /// Called a few times a second: ends what is past its deadline.
  void check(std::int64_t now_us, bool stopping) {
    const bool late = deadline_us_ != 0 && now_us > deadline_us_;
    if (late || (stopping && idle_)) {
      timed_out_ = late && !idle_;
      cancel();
    }
  }
  virtual void cancel() = 0;

 protected:
  std::int64_t deadline_us_ = 0;
  bool idle_ = true;        // between requests
  bool timed_out_ = false;  // a request began but did not arrive in time
};

template <class Stream>
class Connection final : public ConnectionBase {
 public:
  Connection(Host host, Stream stream, Peer peer)
      : host_(host), stream_(std::move(stream)), peer_(std::move(peer)) {}

  Task<void> run() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      deadline_us_ = monotonic_us() + kReadTimeout_us;
      beast::error_code error;
      co_await stream_.async_handshake(asio::ssl::stream_base::server, redirect(error));
      if (error) co_return;
    }
    while (co_await serve_one()) {
    }
    co_await close();
  }

  void cancel() override {
    beast::error_code ignored;
    socket().cancel(ignored);
  }

 private:
  Socket& socket() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  static auto redirect(beast::error_code& error) { return asio::redirect_error(kUseTask, error); }

  // Reads more into the buffer; false when there is no more or the deadline passed.
  Task<bool> read_more() {
    beast::error_code error;
    const std::size_t size =
        co_await stream_.async_read_some(buffer_.prepare(kReadChunk_bytes), redirect(error));
    buffer_.commit(size);
    co_return !error;
  }

  // Feeds the parser until it leaves `stage`; false when the client left or was too slow.
  Task<bool> read_through(Parser& parser, Parser::Stage stage) {
    for (;;) {
      const auto bytes = buffer_.data();
      buffer_.consume(parser.read({static_cast<const char*>(bytes.data()), bytes.size()}));
      if (parser.stage() != stage) co_return true;
      if (!co_await read_more()) co_return false;
      if (idle_) deadline_us_ = monotonic_us() + kReadTimeout_us;
      idle_ = false;
    }
  }

  // One request and its response; whether the connection stays.
  Task<bool> serve_one() {
    request_.clear();
    request_.address = peer_.address;
    request_.secure = std::is_same_v<Stream, TlsStream>;
    Parser parser(request_);

    idle_ = buffer_.size() == 0;
    deadline_us_ = monotonic_us() + (idle_ ? kIdleTimeout_us : kReadTimeout_us);
    if (idle_ && host_.stopping) co_return false;
    if (!co_await read_through(parser, Parser::Stage::head)) co_return co_await refuse_timeout();
    if (parser.stage() == Parser::Stage::refused) co_return co_await refuse(parser.refusal());
    if (peer_.is_trusted_proxy) believe_proxy(request_);

    auto admission = host_.middleware.before(request_);
    parser.limit_body(admission.refused ? kBodyMax_bytes : admission.entry->body_max_bytes);
    if (parser.stage() == Parser::Stage::body && !request_.http_1_0 &&
        equal_ignoring_case(request_.header("Expect"), "100-continue")) {
      if (admission.refused) co_return co_await respond(admission, *admission.refused, false);
      if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
      deadline_us_ = monotonic_us() + kReadTimeout_us;
    }
    if (parser.stage() == Parser::Stage::body &&
        !co_await read_through(parser, Parser::Stage::body))
      co_return co_await refuse_timeout();
    if (parser.stage() == Parser::Stage::refused) co_return co_await refuse(parser.refusal());

    deadline_us_ = 0;  // the handler's own waits are bounded
    Response response = admission.refused ? std::move(*admission.refused)
                                          : co_await host_.middleware.handle(admission, request_);
    co_return co_await respond(admission, response, parser.keep_alive());
  }

  Task<bool> refuse_timeout() {
    if (!timed_out_) co_return false;
    timed_out_ = false;
    co_return co_await refuse({Code::request_timeout, "The request did not arrive in 10 s."});
  }

  // For what never became a request: answer and close.
  Task<bool> refuse(Error error) {
    Middleware::Admission admission;
    admission.begun_us = monotonic_us();
    if (request_.request_id.empty()) identify(request_);
    Response response = problem(error, request_);
    co_return co_await respond(admission, response, false);
  }

  Task<bool> respond(const Middleware::Admission& admission, Response& response, bool keep_alive) {
    host_.middleware.after(admission, request_, response);
    compress(request_, response);
    const bool has_body =
        request_.method != Method::head && response.status != 204 && response.status != 304;
    // HTTP/1.0 knows no chunks: there a stream ends with its connection.
    keep_alive = keep_alive && !host_.stopping && !(response.stream && request_.http_1_0);
    out_.clear();
    append_head(out_, request_, response, keep_alive);
    if (has_body && !response.stream) out_ += response.body;
    bool alive = co_await write(out_);
    if (alive && has_body && response.stream) alive = co_await write_stream(response);
    if (out_.capacity() > kOutKept_bytes) std::string().swap(out_);
    if (!alive) co_return false;
    co_return keep_alive && !host_.stopping;
  }

  Task<bool> write(std::string_view bytes) {
    deadline_us_ = monotonic_us() + kWriteTimeout_us;
    idle_ = false;
    beast::error_code error;
    co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), redirect(error));
    deadline_us_ = 0;
    co_return !error;
  }

  // The body of a stream; false when the client is gone.
  Task<bool> write_stream(Response& response) {
    struct Writer final : BodyWriter {
      explicit Writer(Connection& c) : connection(c) {}
      Task<bool> write(std::string_view piece) override {
        connection.out_.clear();
        if (connection.request_.http_1_0) {
          connection.out_ += piece;
        } else {
          append_chunk(connection.out_, piece);
        }
        co_return co_await connection.write(connection.out_);
      }
      bool stopping() const override { return connection.host_.stopping; }
      Connection& connection;
    };
    Writer writer(*this);
    co_await response.stream(writer);
    co_return request_.http_1_0 || co_await write("0\r\n\r\n");
  }

  // Says goodbye and drains what the client still sends, so that it can read our last answer
  // before the kernel resets the connection.
  Task<void> close() {
    deadline_us_ = monotonic_us() + kLinger_us;
    beast::error_code error;
    if constexpr (std::is_same_v<Stream, TlsStream>)
      co_await stream_.async_shutdown(redirect(error));
    socket().shutdown(tcp::socket::shutdown_send, error);
    std::size_t drained = 0;
    for (error = {}; !error && drained < kDrainMax_bytes;) {
      buffer_.clear();
      drained +=
          co_await socket().async_read_some(buffer_.prepare(kReadChunk_bytes), redirect(error));
    }
    socket().close(error);
  }

  static constexpr std::size_t kReadChunk_bytes = 8 * 1024;
  static constexpr std::size_t kOutKept_bytes = 64 * 1024;  // between responses
  static constexpr std::size_t kDrainMax_bytes = 1024 * 1024;
  static constexpr std::int64_t kLinger_us = 1'000'000;

  Host host_;
  Stream stream_;
  Peer peer_;
  // The parser leaves less than a window unread; that a bug in it cannot change either.
  beast::flat_buffer buffer_{kHeaderMax_bytes + 2 * kReadChunk_bytes};
  Request request_;
  std::string out_;
};

}  // namespace instapay::net
