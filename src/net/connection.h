#pragma once
// One client's connection: reads requests, writes responses, keeps to its deadlines. Lives on one
// I/O thread. Template over the stream: TCP or TLS over it. Included by server.cpp only.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "core/time.h"
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
  Connection(Host host, Stream stream, std::string address)
      : host_(host), stream_(std::move(stream)), address_(std::move(address)) {}

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

  // Feeds the parser what is there. False: need more input. `failed` is set on a parse error.
  bool parse(Parser& parser, beast::error_code& failed) {
    if (buffer_.size() == 0) return false;
    const std::size_t used = parser.put(buffer_.data(), failed);
    buffer_.consume(used);
    if (failed != beast::http::error::need_more) return !failed;
    failed = {};
    return false;
  }

  // One request and its response; whether the connection stays.
  Task<bool> serve_one() {
    request_.clear();
    request_.address = address_;
    if constexpr (std::is_same_v<Stream, TlsStream>) request_.secure = true;
    Parser parser(request_);
    beast::error_code failed;

    idle_ = buffer_.size() == 0;
    deadline_us_ = monotonic_us() + (idle_ ? kIdleTimeout_us : kReadTimeout_us);
    if (idle_ && host_.stopping) co_return false;
    while (!parser.is_header_done()) {
      if (parse(parser, failed) || parser.is_header_done()) continue;
      if (failed) break;
      if (!co_await read_more()) co_return co_await refuse_timeout();
      if (idle_) deadline_us_ = monotonic_us() + kReadTimeout_us;
      idle_ = false;
    }
    if (failed) co_return co_await refuse(parse_error(parser, failed));
    trust_proxy();
    if (request_.target.size() > kTargetMax_bytes)
      co_return co_await refuse({Code::uri_too_long, "The address is longer than 4096 bytes."});

    const bool keep_alive = parser.keep_alive();
    auto admission = host_.middleware.before(request_);
    parser.limit_body(admission.refused ? kBodyMax_bytes : admission.entry->body_max_bytes);
    parser.eager(true);
    if (equal_ignoring_case(request_.header("Expect"), "100-continue") && !parser.is_done()) {
      if (admission.refused) co_return co_await respond(admission, *admission.refused, false);
      if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    }
    while (!parser.is_done()) {
      if (parse(parser, failed)) continue;
      if (failed) break;
      if (!co_await read_more()) co_return co_await refuse_timeout();
    }
    if (failed) co_return co_await refuse(parse_error(parser, failed));

    deadline_us_ = 0;  // the handler's own waits are bounded
    Response response = admission.refused ? std::move(*admission.refused)
                                          : co_await host_.middleware.handle(admission, request_);
    co_return co_await respond(admission, response, keep_alive);
  }

  Error parse_error(const Parser& parser, const beast::error_code& error) const {
    namespace http = beast::http;
    if (parser.body_too_large() || error == http::error::body_limit)
      return {Code::body_too_large, "The body is larger than this endpoint takes."};
    if (error == http::error::header_limit) {
      if (request_.target.empty())
        return {Code::uri_too_long, "The request line is longer than 8192 bytes."};
      return {Code::headers_too_large, "The headers are more than 8192 bytes or 64 lines."};
    }
    return {Code::bad_request, "This is not well-formed HTTP/1.1."};
  }

  void trust_proxy() {
    if (!host_.options.behind_proxy) return;
    // The last address is the one our own proxy saw; those before it are the client's word.
    std::string_view list = request_.header("X-Forwarded-For");
    list = list.substr(list.rfind(',') + 1);
    while (list.starts_with(' ')) list.remove_prefix(1);
    if (!list.empty()) request_.address = list;
    if (request_.header("X-Forwarded-Proto") == "https") request_.secure = true;
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
    keep_alive = keep_alive && !host_.stopping;
    out_.clear();
    append_head(out_, request_, response, keep_alive);
    if (response.stream) co_return co_await write_stream(response);
    if (request_.method != Method::head && response.status != 204 && response.status != 304)
      out_ += response.body;
    if (!co_await write(out_)) co_return false;
    co_return keep_alive;
  }

  Task<bool> write(std::string_view bytes) {
    deadline_us_ = monotonic_us() + kWriteTimeout_us;
    idle_ = false;
    beast::error_code error;
    co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()), redirect(error));
    deadline_us_ = 0;
    co_return !error;
  }

  Task<bool> write_stream(Response& response) {
    struct Writer final : BodyWriter {
      explicit Writer(Connection& c) : connection(c) {}
      Task<bool> write(std::string_view piece) override {
        connection.out_.clear();
        append_chunk(connection.out_, piece);
        co_return co_await connection.write(connection.out_);
      }
      bool stopping() const override { return connection.host_.stopping; }
      Connection& connection;
    };
    if (!co_await write(out_)) co_return false;
    Writer writer(*this);
    co_await response.stream(writer);
    co_return co_await write("0\r\n\r\n") && !host_.stopping;
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
  static constexpr std::size_t kDrainMax_bytes = 1024 * 1024;
  static constexpr std::int64_t kLinger_us = 1'000'000;

  Host host_;
  Stream stream_;
  std::string address_;
  beast::flat_buffer buffer_;
  Request request_;
  std::string out_;
};

}  // namespace instapay::net
