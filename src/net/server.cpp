#include "net/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <future>
#include <list>
#include <thread>

#include "async/timer.h"
#include "net/connection.h"
#include "net/connection_count.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::net {
namespace {

constexpr auto kSweep = std::chrono::milliseconds(200);
// Forward secrecy and authenticated encryption only, as at the edge (deploy/edge/https.conf); all
// of TLS 1.3 is.
constexpr const char* kTls12Ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
  using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

  // The connections of one I/O thread.
  struct Lane {
    explicit Lane(asio::io_context& context) : io(context), sweeper(context.get_executor()) {}
    asio::io_context& io;
    Timer sweeper;
    std::list<ConnectionBase*> connections;
  };

  Impl(IoThreads& t, ServerOptions o, Router r)
      : threads(t),
        options(std::move(o)),
        router(std::move(r)),
        middleware(options, router, t.size()),
        refused_by_address(refused_connections("address")),
        refused_by_total(refused_connections("total")),
        open_connections(kConnectionsMax,
                         static_cast<std::size_t>(options.connections_per_address)),
        acceptor(t.at(0).get_executor()) {
    for (std::size_t i = 0; i < t.size(); ++i) lanes.push_back(std::make_unique<Lane>(t.at(i)));
  }

  Result<void> load_tls() {
    if (!options.tls.enabled()) return {};
    tls.emplace(asio::ssl::context::tls_server);
    SSL_CTX* native = tls->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    // A ticket's key would open what was recorded as long as the process lives.
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    if (SSL_CTX_set_cipher_list(native, kTls12Ciphers) != 1)
      return fail(Code::internal_error, "this OpenSSL has none of our ciphers");
    beast::error_code error;
    tls->use_certificate_chain_file(options.tls.cert_file, error);
    if (error)
      return fail(Code::internal_error, fmt::format("cannot use TLS certificate {}: {}",
                                                    options.tls.cert_file, error.message()));
    tls->use_private_key_file(options.tls.key_file, asio::ssl::context::pem, error);
    if (error)
      return fail(Code::internal_error,
                  fmt::format("cannot use TLS key {}: {}", options.tls.key_file, error.message()));
    publish_expiry(SSL_CTX_get0_certificate(native));
    return {};
  }

  // Of the certificate that is served, not of the file as it may be by now.
  void publish_expiry(const X509* certificate) const {
    tm ends{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &ends) != 1)
      return;
    metrics::gauge("instapay_tls_certificate_expires_timestamp_seconds",
                   "When the certificate that is served ends", {{"service", options.service}})
        .Set(static_cast<double>(timegm(&ends)));
  }

  Result<void> listen() {
    if (auto loaded = load_tls(); !loaded) return loaded;
    beast::error_code error;
    const auto address = asio::ip::make_address(options.bind_address, error);
    const auto failed = [&](std::string_view what) {
      return fail(Code::internal_error,
                  fmt::format("the {} service cannot {} {}:{}: {}", options.service, what,
                              options.bind_address, options.port, error.message()));
    };
    if (error) return failed("use address");
    const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(options.port));
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(SOMAXCONN, error);
    if (error) return failed("listen on");
    asio::co_spawn(threads.at(0).get_executor(), accept_all(shared_from_this()), asio::detached);
    for (auto& lane : lanes) asio::post(lane->io, [this, l = lane.get()] { sweep(*l); });
    return {};
  }

  // Takes a reference to itself: coroutines outlive the Server object when it stops.
  static Task<void> accept_all(std::shared_ptr<Impl> self) {
    for (std::size_t next = 0;; ++next) {
      Lane& lane = *self->lanes[next % self->lanes.size()];
      beast::error_code error;
      auto socket = co_await self->acceptor.async_accept(lane.io.get_executor(),
                                                         asio::redirect_error(kUseTask, error));
      if (self->stopping) co_return;
      if (error) {
        // Out of descriptors or the like: give others the time to close theirs.
        log::warn("accept failed", {{"error.message", error.message()}});
        Timer pause(self->acceptor.get_executor(), std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::redirect_error(kUseTask, error));
        continue;
      }
      Peer peer = self->peer_of(socket);
      const auto verdict = self->open_connections.add(peer.ip, peer.is_trusted_proxy);
      if (verdict != ConnectionCount::Verdict::counted) {
        self->turn_away(socket, verdict);
        continue;
      }
      asio::co_spawn(lane.io.get_executor(), serve(self, lane, std::move(socket), std::move(peer)),
                     asio::detached);
    }
  }

  prometheus::Counter& refused_connections(const std::string& reason) const {
    return metrics::counter("instapay_http_connections_refused_total", "Connections closed at once",
                            {{"service", options.service}, {"reason", reason}});
  }

  // Says why, if the kernel takes it at once; nobody is waited for.
  void turn_away(Socket& socket, ConnectionCount::Verdict verdict) {
    const bool by_address = verdict == ConnectionCount::Verdict::household_full;
    (by_address ? refused_by_address : refused_by_total).Increment();
    Request nothing;
    identify(nothing);
    const Response response =
        problem(by_address ? Error{Code::rate_limited, "Too many connections from your address."}
                           : Error{Code::overloaded, "Too many connections are open."},
                nothing);
    std::string text;
    append_head(text, nothing, response, false);
    text += response.body;
    beast::error_code ignored;
    socket.non_blocking(true, ignored);
    if (!tls) socket.write_some(asio::buffer(text), ignored);
    socket.close(ignored);
  }

  static Task<void> serve(std::shared_ptr<Impl> self, Lane& lane, Socket socket, Peer peer) {
    beast::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    const IpAddress ip = peer.ip;
    const bool exempt = peer.is_trusted_proxy;
    const Host host{self->middleware, self->options, self->stopping};
    if (self->tls) {
      co_await keep(lane, std::make_unique<Connection<TlsStream>>(
                              host, TlsStream(std::move(socket), *self->tls), std::move(peer)));
    } else {
      co_await keep(lane,
                    std::make_unique<Connection<Socket>>(host, std::move(socket), std::move(peer)));
    }
    self->open_connections.remove(ip, exempt);
  }

  Peer peer_of(const Socket& socket) const {
    beast::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return {};
    auto address = endpoint.address();
    if (address.is_v6()) {  // a zone is this machine's business
      auto without_zone = address.to_v6();
      without_zone.scope_id(0);
      address = without_zone;
    }
    const auto ip = IpAddress::parse(address.to_string());
    if (!ip) return {};
    const auto holds = [&](const IpNetwork& network) { return network.contains(*ip); };
    return {*ip, ip->to_string(), std::ranges::any_of(options.trusted_proxies, holds)};
  }

  template <class AnyConnection>
  static Task<void> keep(Lane& lane, std::unique_ptr<AnyConnection> connection) {
    const auto place = lane.connections.insert(lane.connections.end(), connection.get());
    try {
      co_await connection->run();
    } catch (const std::exception& exception) {
      log::error("connection failed", {{"error.message", exception.what()}});
    }
    lane.connections.erase(place);
  }

  void sweep(Lane& lane) {
    const std::int64_t now = monotonic_us();
    for (ConnectionBase* connection : lane.connections) connection->check(now, stopping);
    lane.sweeper.expires_after(kSweep);
    lane.sweeper.async_wait([self = shared_from_this(), &lane](beast::error_code error) {
      if (!error && !self->closed) self->sweep(lane);
    });
  }

  bool stop(std::chrono::microseconds grace) {
    if (!acceptor.is_open()) return true;
    stopping = true;
    std::promise<void> accepting_ended;
    asio::post(threads.at(0), [&] {
      beast::error_code ignored;
      acceptor.close(ignored);
      accepting_ended.set_value();
    });
    accepting_ended.get_future().wait();
    for (auto& lane : lanes)
      asio::post(lane->io, [l = lane.get()] {
        for (ConnectionBase* connection : l->connections) connection->check(monotonic_us(), true);
      });
    const auto until = std::chrono::steady_clock::now() + grace;
    while (open_connections.open() > 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    closed = true;
    return open_connections.open() == 0;
  }

  IoThreads& threads;
  ServerOptions options;
  Router router;
  Middleware middleware;
  prometheus::Counter &refused_by_address, &refused_by_total;
  ConnectionCount open_connections;
  Acceptor acceptor;
  std::optional<asio::ssl::context> tls;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::atomic<bool> stopping = false, closed = false;
};

Server::Server(IoThreads& threads, ServerOptions options, Router router)
    : impl_(std::make_shared<Impl>(threads, std::move(options), std::move(router))) {}

Server::~Server() = default;

Result<void> Server::listen() { return impl_->listen(); }

int Server::port() const {
  boost::system::error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

bool Server::stop(std::chrono::microseconds grace) { return impl_->stop(grace); }

}  // namespace instapay::net
