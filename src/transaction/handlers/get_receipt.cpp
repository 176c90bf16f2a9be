#include "ledger/batch_reader.h"
#include "net/page.h"
#include "queries.h"
#include "telemetry/log.h"
#include "transaction/handlers/handlers.h"
#include "transaction/receipt.h"

namespace instapay::transaction {
namespace {

// Of a row of find_receipt.
Hash256 hash_at(const pg::Rows& rows, int column) {
  Hash256 hash{};
  const auto bytes = rows.bytes(0, column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

ledger::BatchRow batch_of(const pg::Rows& rows) {
  return {.chain_id = static_cast<std::int32_t>(rows.int64(0, 4)),
          .seq = rows.int64(0, 5),
          .prev_hash = hash_at(rows, 6),
          .merkle_root = hash_at(rows, 7),
          .transfer_count = static_cast<std::int32_t>(rows.int64(0, 8)),
          .committed_us = rows.time_us(0, 9),
          .secret = hash_at(rows, 10)};
}

// A ctid begins with its block, big-endian.
std::uint32_t block_of(const pg::Rows& rows, int column) {
  std::uint32_t block = 0;
  for (const auto byte : rows.bytes(0, column).first(4)) block = block << 8 | byte;
  return block;
}

Task<pg::Result<pg::Rows>> find(Service& service, const net::Principal& principal, Uuid id) {
  using namespace queries::transaction;  // NOLINT: the statements of this file
  auto rows = co_await service.db.query(find_receipt, pg::Params().add(principal.user_id).add(id));
  if (!rows || !rows->empty() || !principal.is_staff()) co_return rows;
  rows =
      co_await service.db.query(find_transfer, pg::Params().add(id).add_time(id.unix_ms() * 1000));
  if (!rows || rows->empty()) co_return rows;
  co_return co_await service.db.query(find_receipt, pg::Params().add(rows->uuid(0, 1)).add(id));
}

}  // namespace

net::Reply get_receipt(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  net::QueryReader query(request);
  const bool own = query.choice("show", {"own", "nothing"}, "own") == "own";
  if (auto error = query.finish()) co_return fail(std::move(*error));

  const auto rows = co_await find(service, *request.principal, *id);
  if (!rows) co_return fail(pg::to_error(rows.error()));
  // Somebody else's is as good as none.
  if (rows->empty()) co_return fail(Code::transaction_not_found, "There is no such transaction.");
  const ledger::BatchRow batch = batch_of(*rows);
  auto entries = co_await ledger::read_batch(
      service.db, {batch.chain_id, batch.seq, batch.transfer_count, block_of(*rows, 3)});
  if (!entries) co_return fail(pg::to_error(entries.error()));

  const bool is_side = rows->uuid(0, 0) == request.principal->user_id;
  const Shown shown = !own || !is_side      ? Shown::neither
                      : rows->boolean(0, 1) ? Shown::payer
                                            : Shown::payee;
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
  if (!receipt || receipt->transfer.id != *id || receipt->batch_hash != hash_at(*rows, 11)) {
    log::error("the books differ from what was hashed; run `instapay audit`",
               {{"instapay.chain", std::int64_t{batch.chain_id}}, {"instapay.batch", batch.seq}});
    co_return fail(Code::internal_error, "The ledger does not prove this transaction.");
  }
  co_return net::Response{200, "application/jose", sign_receipt(*receipt, service.receipt_keys)};
}

}  // namespace instapay::transaction
