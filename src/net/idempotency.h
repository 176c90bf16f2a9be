#pragma once
// The Idempotency-Key of a request, and what it stands for (IETF draft idempotency-key-header).
#include <optional>

#include "core/sha256.h"
#include "net/http.h"

namespace instapay::net {

struct Idempotency {
  Hash128 key{};
  /// Of the request as it was sent: method, path and JSON body. Blanks, the order of members, the way a
  /// string is escaped and zeros at the end of a decimal make no difference.
  Hash128 request{};
};

/// nullopt when no key was sent. Error: idempotency_key_invalid.
Result<std::optional<Idempotency>> read_idempotency(const Request& request, const Json& body);

}  // namespace instapay::net
