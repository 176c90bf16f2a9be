#include "transaction/split_amounts.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace instapay::transaction {
namespace {

// A weight times the largest amount does not fit in 64 bits.
Total product(std::int64_t total_minor, std::int64_t shares) {
  return Total{total_minor} * Total{shares};
}

}  // namespace

std::vector<std::int64_t> amounts_of(std::int64_t total_minor, std::span<const Portion> portions) {
  std::int64_t all_shares = 0;
  for (const Portion& portion : portions) all_shares += portion.shares;

  struct Remainder {
    std::int64_t size;
    std::size_t of;
  };
  std::vector<std::int64_t> amounts;
  std::vector<Remainder> remainders;
  std::int64_t left = total_minor;
  for (const Portion& portion : portions) {
    const Total exact = product(total_minor, portion.shares);
    remainders.push_back({static_cast<std::int64_t>(exact % all_shares), amounts.size()});
    amounts.push_back(static_cast<std::int64_t>(exact / all_shares));
    left -= amounts.back();
  }
  std::ranges::sort(remainders, [&](const Remainder& a, const Remainder& b) {
    const Portion &one = portions[a.of], &other = portions[b.of];
    return std::tuple(-a.size, !one.is_own, one.person) <
           std::tuple(-b.size, !other.is_own, other.person);
  });
  // Fewer are left than there are people.
  for (std::size_t i = 0; std::cmp_less(i, left); ++i) ++amounts[remainders[i].of];
  return amounts;
}

bool has_extra(std::int64_t amount_minor, std::int64_t total_minor, std::int64_t shares,
               std::int64_t all_shares) {
  return amount_minor > product(total_minor, shares) / all_shares;
}

}  // namespace instapay::transaction
