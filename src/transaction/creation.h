#pragma once
// What a client's Idempotency-Key has made already: a payment request, a split, a
// schedule, a mandate or a draw.
#include <optional>

#include "core/sha256.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// What the key of a creation is kept as: with its owner, and a machine's is another than the same
/// of its owner.
Hash128 creation_key(const net::Principal& owner, const Hash128& key);

/// The id of what `owner` made with this key, durable by now; nullopt when nothing was. `by_key`
/// takes owner and key and gives id and request_hash. Fails with idempotency_key_reused when the
/// key came with another request.
Task<Result<std::optional<Uuid>>> find_created(Service& service, pg::Statement by_key, Uuid owner,
                                               Hash128 key, Hash128 hash);

}  // namespace instapay::transaction
