#pragma once
// What a proxy says about the client behind it. Only for requests of proxies that are trusted
// (TRUSTED_PROXIES): anybody can write these headers.
#include "net/http.h"

namespace instapay::net {

/// Takes the client's address and scheme from X-Forwarded-For and X-Forwarded-Proto. Of both lists
/// the last element counts, over all lines: it is what the proxy itself saw; those before are the
/// client's word. What is no address leaves the request with the proxy's own.
void believe_proxy(Request& request);

}  // namespace instapay::net
