#pragma once
// The HTTP/1.1 server: listens, parses, runs the middleware and the handlers. The only place that
// includes Beast. Connections stay on the I/O thread that got them; every read and write has a
// deadline, every size a limit (core/limits.h).
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/io_threads.h"
#include "core/ip_address.h"
#include "net/router.h"

namespace instapay::net {

struct TlsFiles {
  std::string cert_file, key_file;  // PEM; both empty: plain HTTP
  bool enabled() const { return !cert_file.empty(); }
};

struct ServerOptions {
  std::string service;  // "user": name in logs and metrics
  std::string bind_address = "127.0.0.1";
  int port = 0;
  TlsFiles tls;
  std::vector<IpNetwork> trusted_proxies;  // whose X-Forwarded-For and -Proto are believed
  std::vector<std::string> cors_origins;

  std::function<Result<Principal>(std::string_view token)> authenticate;
  // Both may be empty. `more` than 0 charges a request that was let through with as many others.
  std::function<RateDecision(std::string_view address, std::int64_t more)> limit_address;
  std::function<RateDecision(const Uuid& user, std::int64_t more)> limit_user;
  int connections_per_address = 0;  // at once; 0: no limit. Trusted proxies have none
  /// What no route answers (GET and HEAD): the web app's files. May be empty.
  std::function<std::optional<Response>(const Request&)> fallback;
};

class Server {
 public:
  Server(IoThreads& threads, ServerOptions options, Router router);
  ~Server();

  /// Binds and starts accepting. The error says why not, in one line for people.
  Result<void> listen();
  /// The port it listens on (port 0 is replaced by the kernel's choice).
  int port() const;

  /// Stops accepting, closes idle connections, lets requests finish; true when all did in time.
  bool stop(std::chrono::microseconds grace);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace instapay::net
