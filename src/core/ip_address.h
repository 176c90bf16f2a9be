#pragma once
// Addresses and networks of IPv4 and IPv6, read from text. IPv4 inside IPv6 (::ffff:192.0.2.1) is
// IPv4, so that one host has one address whichever socket it came through.
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

class IpAddress {
 public:
  /// An address alone: no port, no brackets, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  /// An address as proxies write it: "192.0.2.1", "192.0.2.1:4711", "2001:db8::1",
  /// "[2001:db8::1]", "[2001:db8::1]:4711".
  static std::optional<IpAddress> parse_with_port(std::string_view text);

  bool is_v4() const;
  std::string to_string() const;

  /// What one household has: IPv4 itself, the /64 of IPv6.
  IpAddress household() const;
  /// The first address of the network of so many bits around it: 1 to 32 of IPv4, 1 to 128 of IPv6.
  IpAddress network(int prefix_bits) const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};  // of IPv6; IPv4 stands behind ::ffff:0:0/96
};

class IpNetwork {
 public:
  /// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix must be zero.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool contains(const IpAddress& address) const;
  /// Whether every address of its family is in it.
  bool is_everything() const { return prefix_bits_ == (first_.is_v4() ? 96 : 0); }

 private:
  IpAddress first_;
  int prefix_bits_ = 0;  // of the 128
};

}  // namespace instapay
