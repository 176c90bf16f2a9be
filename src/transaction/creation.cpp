#include "transaction/creation.h"

#include <algorithm>

#include "ledger/store/durable.h"

namespace instapay::transaction {

Hash128 creation_key(const net::Principal& owner, const Hash128& key) {
  if (!owner.machine) return key;
  return HashInput().bytes(owner.machine->id.bytes).bytes(key).half();
}

Task<Result<std::optional<Uuid>>> find_created(Service& service, pg::Statement by_key, Uuid owner,
                                               Hash128 key, Hash128 hash) {
  const auto rows = co_await service.db.query(by_key, pg::Params().add(owner).add_bytes(key));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return std::nullopt;
  if (!std::ranges::equal(rows->bytes(0, 1), hash))
    co_return fail(Code::idempotency_key_reused,
                   "This Idempotency-Key was used for another request.");
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  co_return rows->uuid(0, 0);
}

}  // namespace instapay::transaction
