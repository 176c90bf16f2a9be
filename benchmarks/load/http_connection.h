#pragma once
// One keep-alive connection with at most one request under way. No framework: the load generator
// shares the machine with what it measures, so it does two system calls a request and little else.
#include <cstdint>
#include <string>
#include <string_view>

#include "workload.h"

namespace bench {

class HttpConnection {
 public:
  enum class Progress { kWaiting, kAnswered, kClosed };

  HttpConnection() = default;
  ~HttpConnection();
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;

  /// Connects to 127.0.0.1 and waits for it (a moment on loopback). Throws std::system_error.
  void connect(std::uint16_t port);
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();

  /// The buffer to write the next request into before send().
  std::string& request() { return request_; }

  /// Sends what is left of the request; false when the peer is gone. When the socket takes no more,
  /// the rest goes out by another call after the next event.
  bool send();
  bool has_unsent() const { return sent_ < request_.size(); }

  /// Reads what is there. After kAnswered response() is valid until the next request is sent.
  Progress receive();
  const Response& response() const { return response_; }
  /// The server said that it closes after this answer.
  bool closes() const;

 private:
  bool parse();

  int fd_ = -1;
  std::string request_;
  std::size_t sent_ = 0;
  std::string buffer_;  // its size is its capacity; what counts is received_
  std::size_t received_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  Response response_;
};

}  // namespace bench
