#include "http_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t kReadStep_bytes = 4096;

/// The value of a header field; both spellings that servers use. Empty when it is not there.
std::string_view field(std::string_view head, std::string_view name, std::string_view lower_name) {
  std::size_t at = head.find(name);
  if (at == std::string_view::npos) at = head.find(lower_name);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

}  // namespace

HttpConnection::~HttpConnection() { close(); }

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      request_(std::move(other.request_)),
      sent_(other.sent_),
      buffer_(std::move(other.buffer_)),
      received_(other.received_) {}

void HttpConnection::connect(std::uint16_t port) {
  close();
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close();
    throw std::system_error(error, std::generic_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sent_ = received_ = head_bytes_ = 0;
  request_.clear();
}

void HttpConnection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool HttpConnection::send() {
  while (has_unsent()) {
    const ssize_t sent =
        ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN;
    sent_ += static_cast<std::size_t>(sent);
  }
  return true;
}

HttpConnection::Progress HttpConnection::receive() {
  while (true) {
    if (buffer_.size() - received_ < kReadStep_bytes) {
      buffer_.resize(buffer_.size() * 2 + kReadStep_bytes);
    }
    const std::size_t room = buffer_.size() - received_;
    const ssize_t got = ::recv(fd_, buffer_.data() + received_, room, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return Progress::kWaiting;
    if (got <= 0) return Progress::kClosed;
    received_ += static_cast<std::size_t>(got);
    if (parse()) {
      request_.clear();
      sent_ = received_ = head_bytes_ = 0;
      return Progress::kAnswered;
    }
    if (static_cast<std::size_t>(got) < room) return Progress::kWaiting;
  }
}

bool HttpConnection::parse() {
  const std::string_view all(buffer_.data(), received_);
  if (head_bytes_ == 0) {
    const std::size_t end = all.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    head_bytes_ = end + 4;
    const std::string_view length =
        field(all.substr(0, head_bytes_), "Content-Length: ", "content-length: ");
    body_bytes_ = 0;
    std::from_chars(length.data(), length.data() + length.size(), body_bytes_);
  }
  if (received_ < head_bytes_ + body_bytes_) return false;
  response_.head = all.substr(0, head_bytes_);
  response_.body = all.substr(head_bytes_, body_bytes_);
  response_.status = 0;
  constexpr std::size_t kStatusAt = 9;  // after "HTTP/1.1 "
  std::from_chars(all.data() + kStatusAt, all.data() + kStatusAt + 3, response_.status);
  return true;
}

bool HttpConnection::closes() const {
  return field(response_.head, "Connection: ", "connection: ") == "close";
}

}  // namespace bench
