#pragma once
// Where pushes may be sent. A browser says the address of its push service, and whoever is signed
// in could say any other: only hosts that are listed are taken, over https and at its own port, and
// what a name leads to must be a public address when it is connected to. Pure and thread-safe.
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip_address.h"

namespace instapay::push {

inline constexpr std::size_t kEndpointMax_bytes = 1024;
inline constexpr std::size_t kPushHostsMax = 32;
inline constexpr std::string_view kNoHosts = "none";

/// Whether the address is one of the public internet: not of this host, of a private network, of a
/// link (where clouds keep their metadata), of documentation, of a multicast, nor IPv4 in a coat.
bool is_public(const IpAddress& address);

/// An address that was found good.
struct Endpoint {
  std::string url;
  std::string origin;        // "https://push.example.com"
  bool is_loopback = false;  // while developing: it alone may be of this host
};

class PushHosts {
 public:
  /// Names such as "push.example.com", and "*.example.com" for all below one. Where
  /// `may_be_loopback`, also "127.0.0.1" and "localhost", which may be spoken to by http and at any
  /// port. The error is a few words for people.
  static std::expected<PushHosts, std::string> parse(const std::vector<std::string>& items,
                                                     bool may_be_loopback);

  bool empty() const { return names_.empty(); }
  /// Nullopt when nothing may be sent there.
  std::optional<Endpoint> check(std::string_view url) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace instapay::push
