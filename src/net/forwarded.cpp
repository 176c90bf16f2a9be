#include "net/forwarded.h"

#include "core/ip_address.h"

namespace instapay::net {

void believe_proxy(Request& request) {
  if (const auto client = IpAddress::parse_with_port(request.last_element("X-Forwarded-For")))
    request.address = client->to_string();
  if (equal_ignoring_case(request.last_element("X-Forwarded-Proto"), "https"))
    request.secure = true;
}

}  // namespace instapay::net
