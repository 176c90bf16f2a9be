// What a URL may decide for itself, and what an answer may look like.
#include "pg/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "core/limits.h"
#include "core/time.h"
#include "pg/database.h"

namespace instapay {
namespace {

// Takes connections and never says a word, as a node does that has lost its network.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, any, size) != 0 || listen(fd_, 8) != 0 || getsockname(fd_, any, &size) != 0)
      throw std::runtime_error("no port");
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  int fd_;
  int port_;
};

TEST(Connection, TheUrlMayWaitForLessThanWeDo) {
  const SilentServer server;
  const std::string url =
      "postgresql://127.0.0.1:" + std::to_string(server.port()) + "/instapay?connect_timeout=2";
  const std::int64_t began_us = monotonic_us();
  const auto opened = pg::Connection::open({url, "", "instapay tests"});
  const std::int64_t took_us = monotonic_us() - began_us;
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, pg::Failure::Kind::refused);
  EXPECT_LT(took_us, kConnectTimeout_s * kSecond_us);
}

TEST(Connection, ARowMayHaveNoColumns) {
  auto db = testing::Database::connect();
  EXPECT_TRUE(db.exec("SELECT FROM (VALUES (1)) AS one"));
}

}  // namespace
}  // namespace instapay
