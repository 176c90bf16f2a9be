#include "net/fetch.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>

#include <algorithm>
#include <functional>
#include <set>

namespace instapay::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint64_t kBodyMax = 1024 * 1024;

using Sent = http::request<http::string_body>;

std::string port_of(const boost::urls::url_view& url) {
  return url.has_port() ? std::string(url.port()) : (url.scheme() == "https" ? "443" : "80");
}

std::expected<boost::urls::url_view, std::string> parse(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https"))
    return std::unexpected("not an http or https URL: " + text);
  return *url;
}

// Callbacks on an io_context of its own, so that one deadline covers every step.
template <class Stream>
std::expected<Fetched, std::string> exchange(asio::io_context& io, Stream& stream,
                                             const boost::urls::url_view& url, Sent& request,
                                             std::int64_t timeout_ms, const std::string& address) {
  auto& lowest = beast::get_lowest_layer(stream);
  const std::string host = url.host_address();
  const std::string port = port_of(url);
  beast::error_code failed;
  std::string step = "resolve " + host;
  request.target(url.encoded_resource().empty() ? "/" : std::string(url.encoded_resource()));
  request.set(http::field::host, host);
  request.set(http::field::user_agent, "instapay");
  request.set(http::field::connection, "close");
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyMax);

  const auto read = [&] {
    step = "read from " + host;
    http::async_read(stream, buffer, parser, [&](beast::error_code e, std::size_t) { failed = e; });
  };
  const auto write = [&] {
    step = "write to " + host;
    http::async_write(stream, request, [&](beast::error_code e, std::size_t) {
      if (e) {
        failed = e;
      } else {
        read();
      }
    });
  };
  lowest.expires_after(std::chrono::milliseconds(timeout_ms));
  asio::ip::tcp::resolver resolver(io);
  beast::error_code resolve_error;
  const auto addresses = resolver.resolve(address.empty() ? host : address, port, resolve_error);
  if (resolve_error) return std::unexpected("cannot " + step + ": " + resolve_error.message());
  step = "connect to " + host + ":" + port;
  lowest.async_connect(addresses, [&](beast::error_code e, const auto&) {
    if (e) {
      failed = e;
      return;
    }
    if constexpr (std::is_same_v<Stream, beast::ssl_stream<beast::tcp_stream>>) {
      step = "speak TLS with " + host;
      stream.async_handshake(asio::ssl::stream_base::client, [&](beast::error_code error) {
        if (error) {
          failed = error;
        } else {
          write();
        }
      });
    } else {
      write();
    }
  });
  io.run();
  if (failed) return std::unexpected("cannot " + step + ": " + failed.message());
  return Fetched{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

std::expected<Fetched, std::string> send(const std::string& text, Sent request,
                                         std::int64_t timeout_ms, Certificates certificates,
                                         const std::string& address) {
  const auto url = parse(text);
  if (!url) return std::unexpected(url.error());
  asio::io_context io(1);
  if (url->scheme() == "http") {
    beast::tcp_stream stream(io);
    return exchange(io, stream, *url, request, timeout_ms, address);
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_default_verify_paths();
  if (certificates == Certificates::verified) {
    tls.set_verify_mode(asio::ssl::verify_peer);
    tls.set_verify_callback(asio::ssl::host_name_verification(url->host_address()));
  }
  beast::ssl_stream<beast::tcp_stream> stream(io, tls);
  SSL_set_tlsext_host_name(stream.native_handle(), url->host_address().c_str());
  return exchange(io, stream, *url, request, timeout_ms, address);
}

}  // namespace

std::expected<Fetched, std::string> fetch(const std::string& url, std::int64_t timeout_ms,
                                          Certificates certificates, const std::string& address) {
  return send(url, Sent(http::verb::get, "/", 11), timeout_ms, certificates, address);
}

std::expected<Fetched, std::string> post(const std::string& url, const std::string& content_type,
                                         std::string body, std::int64_t timeout_ms) {
  Sent request(http::verb::post, "/", 11, std::move(body));
  request.set(http::field::content_type, content_type);
  request.prepare_payload();
  return send(url, std::move(request), timeout_ms, Certificates::verified, {});
}

std::expected<std::vector<std::string>, std::string> addresses_of(const std::string& text) {
  const auto url = parse(text);
  if (!url) return std::unexpected(url.error());
  const std::string host = url->host_address();
  asio::io_context io(1);
  asio::ip::tcp::resolver resolver(io);
  beast::error_code failed;
  const auto found = resolver.resolve(host, port_of(*url), failed);
  if (failed) return std::unexpected("cannot resolve " + host + ": " + failed.message());
  std::set<asio::ip::address> addresses;
  for (const auto& entry : found) addresses.insert(entry.endpoint().address());
  const auto is_v4 = [](const asio::ip::address& address) { return address.is_v4(); };
  if (std::ranges::any_of(addresses, is_v4)) std::erase_if(addresses, std::not_fn(is_v4));
  std::vector<std::string> texts;
  for (const auto& address : addresses) texts.push_back(address.to_string());
  return texts;
}

}  // namespace instapay::net
