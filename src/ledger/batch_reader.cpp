#include "ledger/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ledger/pg_store.h"
#include "queries.h"

namespace instapay::ledger {
namespace {

constexpr std::uint32_t kLastBlock = std::numeric_limits<std::uint32_t>::max() - 1;

// To each side of the entry that is known. A thousand transfers fill some forty blocks, among those
// of other committers.
std::uint32_t reach_of(std::int32_t transfer_count) {
  return 64 + static_cast<std::uint32_t>(transfer_count) / 8;
}

}  // namespace

Task<pg::Result<pg::Rows>> read_batch(pg::Pool& db, BatchPlace place) {
  const std::uint32_t reach = reach_of(place.transfer_count);
  const std::uint32_t first = place.near_block - std::min(place.near_block, reach);
  const std::uint32_t last = place.near_block + std::min(kLastBlock - place.near_block, reach);
  pg::Params params;
  params.add(place.chain_id).add(place.seq);
  params.add(fmt::format("({},0)", first)).add(fmt::format("({},65535)", last));
  auto rows = co_await db.query(queries::ledger::batch_entries, std::move(params));
  if (rows && rows->size() < 2 * place.transfer_count)
    rows = co_await db.query(queries::ledger::batch_entries_anywhere,
                             pg::Params().add(place.chain_id).add(place.seq));
  co_return rows;
}

// Both entries of each transfer made one.
std::optional<std::vector<Transfer>> transfers_of(const pg::Rows& rows, std::int32_t count) {
  if (rows.size() != 2 * count) return std::nullopt;
  std::vector<Transfer> transfers(static_cast<std::size_t>(count));
  std::vector<std::int64_t> payee_balances(transfers.size());
  std::vector<std::uint8_t> paid(transfers.size()), received(transfers.size());
  for (int i = 0; i < rows.size(); ++i) {
    Transfer transfer = transfer_of(rows, i);  // amount is minus what the account got
    if (transfer.position < 0 || transfer.position >= count) return std::nullopt;
    const auto at = static_cast<std::size_t>(transfer.position);
    const bool payer = transfer.amount_minor > 0;
    auto& seen = payer ? paid[at] : received[at];
    if (std::exchange(seen, 1) != 0) return std::nullopt;
    if (payer) {
      transfers[at] = std::move(transfer);
    } else {
      payee_balances[at] = transfer.payer_balance_minor;  // as this side tells it
    }
  }
  if (std::ranges::count(paid, 1) != count || std::ranges::count(received, 1) != count)
    return std::nullopt;
  for (std::size_t i = 0; i < transfers.size(); ++i)
    transfers[i].payee_balance_minor = payee_balances[i];
  return transfers;
}

}  // namespace instapay::ledger
