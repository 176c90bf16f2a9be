#include "ledger/proof/batch_reader.h"
#include "ledger/store/rows.h"
#include "net/page.h"
#include "queries.h"
#include "telemetry/log.h"
#include "transaction/handlers/handlers.h"
#include "transaction/receipt.h"

namespace instapay::transaction {
namespace {

// Of a row of find_receipt.
ledger::BatchRow batch_of(const pg::Rows& rows) {
  return {.chain_id = static_cast<std::int32_t>(rows.int64(0, 4)),
          .seq = rows.int64(0, 5),
          .prev_hash = ledger::read_hash(rows, 0, 6),
          .merkle_root = ledger::read_hash(rows, 0, 7),
          .transfer_count = static_cast<std::int32_t>(rows.int64(0, 8)),
          .committed = {rows.time_us(0, 9)},
          .secret = ledger::read_hash(rows, 0, 10)};
}

// A ctid begins with its block, big-endian.
std::uint32_t block_of(const pg::Rows& rows, int column) {
  std::uint32_t block = 0;
  for (const auto byte : rows.bytes(0, column).first(4)) block = block << 8 | byte;
  return block;
}

Shown shown_to(const pg::Rows& rows, const Uuid& user) {
  if (rows.uuid(0, 0) == user) return Shown::payer;
  return rows.uuid(0, 1) == user ? Shown::payee : Shown::neither;
}

}  // namespace

net::Reply get_receipt(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  net::QueryReader query(request);
  const bool own = query.choice("show", {"own", "nothing"}, "own") == "own";
  if (auto error = query.finish()) co_return fail(std::move(*error));

  const auto rows =
      co_await service.db.query(queries::transaction::find_receipt, pg::Params().add(*id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const net::Principal& principal = *request.principal;
  const Shown side = rows->empty() ? Shown::neither : shown_to(*rows, principal.user_id);
  // Somebody else's is as good as none.
  if (rows->empty() || !(side != Shown::neither || principal.is_staff()))
    co_return fail(Code::transaction_not_found, "There is no such transaction.");
  // What is proved must not be lost by a failover.
  if (auto durable = co_await service.db.query(queries::ledger::barrier); !durable)
    co_return fail(pg::to_error(durable.error()));
  const ledger::BatchRow batch = batch_of(*rows);
  auto entries = co_await ledger::read_batch(
      service.db, {batch.chain_id, batch.seq, batch.transfer_count, block_of(*rows, 3)});
  if (!entries) co_return fail(pg::to_error(entries.error()));

  const Shown shown = own ? side : Shown::neither;
  const auto index = static_cast<std::size_t>(rows->int64(0, 2));
  const auto made = co_await service.prover.run(
      static_cast<std::size_t>(batch.transfer_count),
      [&batch, entries = std::move(*entries), index, shown,
       currency = service.config.currency]() -> std::optional<Receipt> {
        const auto transfers = ledger::transfers_of(entries, batch.transfer_count);
        if (!transfers) return std::nullopt;
        return make_receipt(batch, *transfers, index, shown, currency);
      });
  if (!made) co_return fail({Code::overloaded, "Too many receipts are being made right now."});
  const std::optional<Receipt>& receipt = *made;
  if (!receipt || receipt->transfer.id != *id ||
      receipt->batch_hash != ledger::read_hash(*rows, 0, 11)) {
    log::error("the books differ from what was hashed; run `instapay audit`",
               {{"instapay.chain", std::int64_t{batch.chain_id}}, {"instapay.batch", batch.seq}});
    co_return fail(Code::internal_error, "The ledger does not prove this transaction.");
  }
  co_return net::Response{200, "application/jose", sign_receipt(*receipt, service.receipt_keys)};
}

}  // namespace instapay::transaction
