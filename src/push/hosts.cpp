#include "push/hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url.hpp>
#include <span>

#include "core/check.h"
#include "core/text.h"

namespace instapay::push {
namespace {

// The IANA's registries of special-purpose addresses (RFC 6890), multicast and what is reserved.
// Of IPv6 only 2000::/3 is given out at all; the rest of the list lies in it.
constexpr std::array kSpecialV4{
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",     "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",    "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",   "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
constexpr std::array kSpecialV6{"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48",
                                "3fff::/20"};
constexpr std::array<std::string_view, 2> kLoopback{"127.0.0.1", "localhost"};

std::vector<IpNetwork> networks(std::span<const char* const> texts) {
  std::vector<IpNetwork> parsed;
  for (const char* text : texts) {
    const auto network = IpNetwork::parse(text);
    CHECK(network.has_value());
    parsed.push_back(*network);
  }
  return parsed;
}

bool is_in(const std::vector<IpNetwork>& all, const IpAddress& address) {
  return std::ranges::any_of(all, [&](const IpNetwork& each) { return each.contains(address); });
}

bool is_loopback_name(std::string_view name) {
  return std::ranges::find(kLoopback, name) != kLoopback.end();
}

// A name of the public DNS: letters, digits, dots, and not a number, which some resolvers take for
// an address.
bool is_domain(std::string_view name) {
  return name.size() <= 253 && name.contains('.') && !name.starts_with('.') &&
         !name.ends_with('.') && !name.contains("..") && !IpAddress::parse(name) &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == name.npos &&
         name.substr(name.rfind('.') + 1).find_first_not_of("0123456789") != name.npos;
}

}  // namespace

bool is_public(const IpAddress& address) {
  static const std::vector<IpNetwork> special_v4 = networks(kSpecialV4);
  static const std::vector<IpNetwork> special_v6 = networks(kSpecialV6);
  static const IpNetwork unicast = *IpNetwork::parse("2000::/3");
  if (address.is_v4()) return !is_in(special_v4, address);
  return unicast.contains(address) && !is_in(special_v6, address);
}

std::expected<PushHosts, std::string> PushHosts::parse(const std::vector<std::string>& items,
                                                       bool may_be_loopback) {
  PushHosts hosts;
  if (items.size() == 1 && items.front() == kNoHosts) return hosts;
  if (items.size() > kPushHostsMax)
    return std::unexpected(fmt::format("must have at most {} hosts", kPushHostsMax));
  for (const std::string& item : items) {
    std::string name = lower_ascii(item);
    const std::string_view bare =
        name.starts_with("*.") ? std::string_view(name).substr(2) : std::string_view(name);
    if (!(may_be_loopback && is_loopback_name(name)) && !is_domain(bare))
      return std::unexpected(fmt::format(
          "must be host names such as push.example.com or *.example.com, or {}, not \"{}\"",
          kNoHosts, item));
    hosts.names_.push_back(std::move(name));
  }
  return hosts;
}

std::optional<Endpoint> PushHosts::check(std::string_view text) const {
  if (text.size() > kEndpointMax_bytes) return std::nullopt;
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->has_userinfo() || url->has_fragment()) return std::nullopt;
  const std::string host = lower_ascii(url->encoded_host());
  const bool is_listed = std::ranges::any_of(names_, [&](const std::string& name) {
    return name.starts_with("*.") ? host.ends_with(std::string_view(name).substr(1)) : host == name;
  });
  if (!is_listed) return std::nullopt;
  if (is_loopback_name(host)) {
    if (url->scheme() != "http" && url->scheme() != "https") return std::nullopt;
    return Endpoint{std::string(text),
                    std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port()),
                    true};
  }
  if (url->scheme() != "https" || !is_domain(host) || (url->has_port() && url->port() != "443"))
    return std::nullopt;
  return Endpoint{std::string(text), "https://" + host, false};
}

}  // namespace instapay::push
