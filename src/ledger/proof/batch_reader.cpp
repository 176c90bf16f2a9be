#include "ledger/proof/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ledger/store/rows.h"

namespace instapay::ledger {
namespace {

constexpr std::uint32_t kLastBlock = std::numeric_limits<std::uint32_t>::max() - 1;

// To each side of the entry that is known. A thousand transfers fill some forty blocks, among those
// of other committers.
std::uint32_t reach_of(std::int32_t transfer_count) {
  return 64 + static_cast<std::uint32_t>(transfer_count) / 8;
}

}  // namespace

Task<pg::Result<EntryRows>> read_batch(pg::Pool& db, BatchPlace place) {
  const std::uint32_t reach = reach_of(place.transfer_count);
  const std::uint32_t first = place.near_block - std::min(place.near_block, reach);
  const std::uint32_t last = place.near_block + std::min(kLastBlock - place.near_block, reach);
  pg::Params params;
  params.add(place.chain_id).add(place.seq);
  params.add(fmt::format("({},0)", first)).add(fmt::format("({},65535)", last));
  auto rows = co_await db.query(queries::ledger::batch_entries, std::move(params));
  // One-sided transfers have one entry each: a batch with some is smaller, and whole all the same.
  if (rows && rows->size() < 2 * place.transfer_count && !transfers_of(*rows, place.transfer_count))
    rows = co_await db.query(queries::ledger::batch_entries_anywhere,
                             pg::Params().add(place.chain_id).add(place.seq));
  co_return rows;
}

// The entries of each transfer made one.
std::optional<std::vector<Transfer>> transfers_of(const EntryRows& rows, std::int32_t count) {
  std::vector<Transfer> transfers(static_cast<std::size_t>(count));
  std::vector<Side> payee_sides(transfers.size());
  std::vector<std::uint8_t> paid(transfers.size()), received(transfers.size());
  for (const auto& row : rows) {
    Entry entry = entry_of(row);
    const std::int32_t position = entry.transfer.place.position;
    if (position < 0 || position >= count) return std::nullopt;
    const auto at = static_cast<std::size_t>(position);
    if (std::exchange((entry.paid ? paid : received)[at], 1) != 0) return std::nullopt;
    if (entry.paid) {
      transfers[at] = std::move(entry.transfer);
    } else {
      payee_sides[at] = entry.side();
    }
  }
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    const bool two_sided = paid[i] == 1 && !is_one_sided(transfers[i].kind);
    if (paid[i] != 1 || two_sided != (received[i] == 1)) return std::nullopt;
    transfers[i].payee_side = payee_sides[i];
  }
  return transfers;
}

}  // namespace instapay::ledger
