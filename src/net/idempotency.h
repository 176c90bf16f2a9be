#pragma once
// The Idempotency-Key of a request, and what it stands for (IETF draft idempotency-key-header).
#include <optional>

#include "core/sha256.h"
#include "net/http.h"

namespace instapay::net {

/// Operators move other people's money with a key only: what adds to a balance must not happen
/// twice.
enum class KeyRule : std::uint8_t { optional, required };

/// The key's hash; nullopt when none was sent and none is required. Errors:
/// idempotency_key_required, idempotency_key_invalid.
Result<std::optional<Hash128>> idempotency_key(const Request& request,
                                               KeyRule rule = KeyRule::optional);

/// The request as it was sent, in canonical form: method and path here, then the handler adds every
/// field of the body as it has read it. What the fields stand for (whose a name is) is not in it:
/// that changes.
HashInput canonical_request(const Request& request);
/// What a key stands for.
Hash128 request_hash(const HashInput& canonical);

}  // namespace instapay::net
