#pragma once
// A small blocking HTTP client for our own endpoints: keys of the user service, health checks.
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace instapay::net {

struct Fetched {
  int status = 0;
  std::string body;
};

/// Certificates are verified against the system's store or SSL_CERT_FILE; not those of this very
/// machine's own services, which are made out to other names than 127.0.0.1.
enum class Certificates : std::uint8_t { verified, own };

/// GET of an http:// or https:// URL. The whole exchange takes at most `timeout_ms`; the body at
/// most 1 MiB. `address`: ask this one, of those that the URL's host has. The error is a line for
/// people.
std::expected<Fetched, std::string> fetch(const std::string& url, std::int64_t timeout_ms,
                                          Certificates certificates = Certificates::verified,
                                          const std::string& address = {});

/// POST of `body`, in the same way.
std::expected<Fetched, std::string> post(const std::string& url, const std::string& content_type,
                                         std::string body, std::int64_t timeout_ms);

/// The addresses of a URL's host, in order: each replica of a service is one. Of a host that has
/// both kinds only the IPv4 addresses, since a replica has one of each. The error is a line for
/// people.
std::expected<std::vector<std::string>, std::string> addresses_of(const std::string& url);

}  // namespace instapay::net
