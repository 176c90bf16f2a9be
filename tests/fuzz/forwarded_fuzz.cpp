// What proxies write about addresses: the outcome is an address in its one form, or nothing.
#include <cstdint>

#include "core/ip_address.h"
#include "core/utf8.h"
#include "fuzz/expect.h"
#include "net/forwarded.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace instapay;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  net::Request request;
  request.address = "192.0.2.1";
  // Each line of the input is a line of the list.
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    request.add_header("X-Forwarded-For", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  net::believe_proxy(request);
  const auto address = IpAddress::parse(request.address);
  fuzz::expect(address.has_value() && address->to_string() == request.address);
  fuzz::expect(address->household().household() == address->household());

  if (const auto network = IpNetwork::parse(text)) {
    const auto first = IpAddress::parse(text.substr(0, text.find('/')));
    fuzz::expect(first.has_value() && network->contains(*first));
  }
  return 0;
}
