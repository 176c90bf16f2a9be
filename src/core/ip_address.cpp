#include "core/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace instapay {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kV4Offset_bits = 96;
constexpr int kHousehold_bits = 64;  // of IPv6, what a household is given

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  return parse_whole(text, port);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  std::ranges::copy(kMappedV4, address.bytes_.begin());
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes_[kMappedV4.size()]) == 1)
    return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse_with_port(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1), behind = text.substr(end + 1);
    // Only IPv6 is written in brackets.
    if (inside.find(':') == std::string_view::npos) return std::nullopt;
    if (!behind.empty() && !(behind.starts_with(':') && is_port(behind.substr(1))))
      return std::nullopt;
    return parse(inside);
  }
  // One colon divides IPv4 from its port; two or more are IPv6, which has none without brackets.
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return parse(text);
  if (!is_port(text.substr(colon + 1))) return std::nullopt;
  return parse(text.substr(0, colon));
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedV4.begin(), kMappedV4.end(), bytes_.begin());
}

IpAddress IpAddress::household() const { return is_v4() ? *this : network(kHousehold_bits); }

IpAddress IpAddress::network(int prefix_bits) const {
  IpAddress first = *this;
  for (int bit = prefix_bits + (is_v4() ? kV4Offset_bits : 0); bit < 128; ++bit)
    first.bytes_[static_cast<std::size_t>(bit / 8)] &=
        static_cast<std::uint8_t>(~(0x80 >> bit % 8));
  return first;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, &bytes_[kMappedV4.size()], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
  }
  return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = IpAddress::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  const int offset_bits = first->is_v4() ? kV4Offset_bits : 0;
  int bits = 128 - offset_bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (!parse_whole(digits, bits) || bits < 0 || bits > 128 - offset_bits) return std::nullopt;
  }
  IpNetwork network;
  network.first_ = *first;
  network.prefix_bits_ = bits + offset_bits;
  for (int bit = network.prefix_bits_; bit < 128; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    if ((first->bytes_[byte] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  if (address.is_v4() != first_.is_v4()) return false;
  const auto whole_bytes = static_cast<std::size_t>(prefix_bits_ / 8);
  const int rest_bits = prefix_bits_ % 8;
  if (!std::equal(first_.bytes_.begin(), first_.bytes_.begin() + whole_bytes,
                  address.bytes_.begin()))
    return false;
  return rest_bits == 0 ||
         ((first_.bytes_[whole_bytes] ^ address.bytes_[whole_bytes]) >> (8 - rest_bits)) == 0;
}

}  // namespace instapay
