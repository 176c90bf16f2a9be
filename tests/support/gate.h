#pragma once
// A gate between a client and PostgreSQL on unix sockets: passes bytes, and falls silent for ever
// (without closing) on a connection once a marker went by. What follows the marker's message is
// swallowed, as by a network that lost its way.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace instapay::testing {

class Gate {
 public:
  /// `marker`: of the bytes in the given direction; what comes from it on does not arrive.
  enum class Direction : std::uint8_t { to_server, to_client };

  explicit Gate(const std::filesystem::path& server_dir) {
    std::string pattern = std::filesystem::temp_directory_path() / "gate-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    dir_ = pattern;
    server_ = address(server_dir);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un own = address(dir_);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        listen(listener_, 16) != 0)
      throw std::runtime_error("gate: bind");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  ~Gate() {
    thread_.request_stop();
    thread_.join();
    for (const Pair& pair : pairs_) {
      close(pair.client);
      close(pair.server);
    }
    close(listener_);
    std::filesystem::remove_all(dir_);
  }

  const std::filesystem::path& dir() const { return dir_; }

  /// The next connection on which the marker passes falls silent; once.
  void fall_silent_at(Direction direction, std::string marker) {
    const std::lock_guard lock(mutex_);
    direction_ = direction;
    marker_ = std::move(marker);
  }

 private:
  struct Pair {
    int client, server;
    bool silent = false;
  };

  static sockaddr_un address(const std::filesystem::path& dir) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir / ".s.PGSQL.5432";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
  }

  void accept_one() {
    const int client = accept(listener_, nullptr, nullptr);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(server, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0) {
      close(client);
      close(server);
      return;
    }
    pairs_.push_back({client, server});
  }

  // False: the connection ended.
  bool pass(Pair& pair, Direction direction) {
    const bool up = direction == Direction::to_server;
    char buffer[65'536];
    const ssize_t size = recv(up ? pair.client : pair.server, buffer, sizeof buffer, 0);
    if (size <= 0) return pair.silent;  // a silent line does not even say that it ended
    if (pair.silent) return true;
    std::size_t length = static_cast<std::size_t>(size);
    {
      const std::lock_guard lock(mutex_);
      if (!marker_.empty() && direction_ == direction) {
        const auto at = std::string_view(buffer, length).find(marker_);
        if (at != std::string_view::npos) {
          length = at;
          pair.silent = true;
          marker_.clear();
        }
      }
    }
    return send(up ? pair.server : pair.client, buffer, length, MSG_NOSIGNAL) >= 0;
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::vector<pollfd> fds{{listener_, POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        fds.push_back({pair.silent ? -1 : pair.client, POLLIN, 0});
        fds.push_back({pair.silent ? -1 : pair.server, POLLIN, 0});
      }
      if (poll(fds.data(), fds.size(), 20) <= 0) continue;
      const std::size_t known = pairs_.size();
      for (std::size_t i = 0; i < known; ++i) {
        bool open = true;
        if (fds[1 + 2 * i].revents != 0) open = pass(pairs_[i], Direction::to_server);
        if (open && fds[2 + 2 * i].revents != 0) open = pass(pairs_[i], Direction::to_client);
        if (open) continue;
        shutdown(pairs_[i].client, SHUT_RDWR);
        shutdown(pairs_[i].server, SHUT_RDWR);
        pairs_[i].silent = true;
      }
      if (fds[0].revents != 0) accept_one();
    }
  }

  std::filesystem::path dir_;
  sockaddr_un server_{};
  int listener_ = -1;
  std::vector<Pair> pairs_;
  std::mutex mutex_;
  Direction direction_ = Direction::to_server;
  std::string marker_;
  std::jthread thread_;
};

}  // namespace instapay::testing
