#include "reporting/roll_up/amount_histogram.h"

#include <algorithm>
#include <bit>

#include "core/check.h"
#include "core/money.h"

namespace instapay::reporting {
namespace {

constexpr int kDigits = 6;  // after the first one
constexpr std::size_t kSteps = std::size_t{1} << kDigits;
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 56;  // so that a percentage of it fits

constexpr std::size_t bin_of(std::int64_t amount_minor) {
  const auto amount = static_cast<std::uint64_t>(amount_minor);
  const int width = static_cast<int>(std::bit_width(amount));
  const int shift = std::max(width - 1 - kDigits, 0);
  return (static_cast<std::size_t>(shift) << kDigits) + static_cast<std::size_t>(amount >> shift);
}

constexpr std::size_t kBins = bin_of(kAmountMax_minor) + 1;

/// The smallest amount of a bin.
constexpr std::int64_t floor_of(std::size_t bin) {
  if (bin < 2 * kSteps) return static_cast<std::int64_t>(bin);
  const std::size_t shift = bin / kSteps - 1;
  return static_cast<std::int64_t>((bin % kSteps + kSteps) << shift);
}
static_assert(floor_of(bin_of(1)) == 1 && floor_of(bin_of(127)) == 127 && bin_of(128) == 128);
static_assert(floor_of(bin_of(129)) == 128 && bin_of(130) == 129 && floor_of(129) == 130);

void put(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}

/// Takes a number off the front.
std::optional<std::uint64_t> take(std::span<const std::uint8_t>& in) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63 && !in.empty(); shift += 7) {
    const std::uint8_t byte = in.front();
    in = in.subspan(1);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace

void AmountHistogram::add(std::size_t bin, std::int64_t count, std::int64_t least) {
  if (bin >= bins_.size()) bins_.resize(bin + 1);
  if (count_ == 0 || bin < first_) first_ = bin;
  Bin& found = bins_[bin];
  found.least = found.count == 0 ? least : std::min(found.least, least);
  found.count += count;
  count_ += count;
}

void AmountHistogram::add(std::int64_t amount_minor) {
  CHECK(amount_minor > 0 && amount_minor <= kAmountMax_minor);
  add(bin_of(amount_minor), 1, amount_minor);
}

void AmountHistogram::merge(const AmountHistogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t bin = other.first_; bin < other.bins_.size(); ++bin)
    if (const Bin& more = other.bins_[bin]; more.count > 0) add(bin, more.count, more.least);
}

bool AmountHistogram::merge(std::span<const std::uint8_t> encoded) {
  std::size_t bin = 0;
  while (!encoded.empty()) {
    const auto step = take(encoded), count = take(encoded), above = take(encoded);
    if (!step || !count || !above || *step >= kBins - bin) return false;
    if (*count == 0 || *count > kCountMax - static_cast<std::uint64_t>(count_)) return false;
    bin += *step;
    const std::int64_t least = floor_of(bin) + static_cast<std::int64_t>(*above);
    if (least > kAmountMax_minor || bin_of(least) != bin) return false;
    add(bin, static_cast<std::int64_t>(*count), least);
  }
  return true;
}

std::string AmountHistogram::encode() const {
  std::string out;
  std::size_t last = 0;
  for (std::size_t bin = first_; bin < bins_.size(); ++bin) {
    if (bins_[bin].count == 0) continue;
    put(out, bin - last);
    put(out, static_cast<std::uint64_t>(bins_[bin].count));
    put(out, static_cast<std::uint64_t>(bins_[bin].least - floor_of(bin)));
    last = bin;
  }
  return out;
}

std::optional<std::int64_t> AmountHistogram::percentile(int percent) const {
  if (count_ == 0) return std::nullopt;
  const std::int64_t rank = std::max<std::int64_t>((count_ * percent + 99) / 100, 1);
  std::int64_t seen = 0;
  for (std::size_t bin = first_; bin < bins_.size(); ++bin) {
    seen += bins_[bin].count;
    if (seen >= rank) return bins_[bin].least;
  }
  return std::nullopt;
}

}  // namespace instapay::reporting
