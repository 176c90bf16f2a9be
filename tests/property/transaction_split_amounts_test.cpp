// Whatever is divided among whomever: exactly all of it, and as near to the exact shares as can be.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "core/limits.h"
#include "transaction/split_amounts.h"

namespace instapay::transaction {
namespace {

std::vector<Portion> any_portions() {
  const auto count = *rc::gen::inRange<std::size_t>(1, kSplitPeopleMax + 2);
  // Few weights make equal remainders.
  const auto most = *rc::gen::element(1, 3, kSplitSharesMax);
  std::vector<Portion> portions;
  for (std::size_t i = 0; i < count; ++i)
    portions.push_back({Uuid::reserved(static_cast<std::uint8_t>(i)), false,
                        *rc::gen::inRange<std::int32_t>(1, most + 1)});
  portions.front().is_own = *rc::gen::arbitrary<bool>();
  return portions;
}

std::int64_t any_total() {
  return *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1, 1000),
                         rc::gen::inRange<std::int64_t>(1, kAmountMax_minor + 1));
}

RC_GTEST_PROP(SplitAmounts, AddUpAndAreWithinOneUnit, ()) {
  const auto portions = any_portions();
  const std::int64_t total = any_total();
  const auto amounts = amounts_of(total, portions);
  RC_ASSERT(amounts.size() == portions.size());
  RC_ASSERT(std::reduce(amounts.begin(), amounts.end()) == total);
  std::int64_t all_shares = 0;
  for (const Portion& portion : portions) all_shares += portion.shares;
  for (std::size_t i = 0; i < portions.size(); ++i) {
    // Less than one unit from the exact share, in parts of `all_shares`.
    const Total error = Total{amounts[i]} * all_shares - Total{total} * Total{portions[i].shares};
    RC_ASSERT(error > -Total{all_shares});
    RC_ASSERT(error < Total{all_shares});
    RC_ASSERT(has_extra(amounts[i], total, portions[i].shares, all_shares) == (error > 0));
  }
}

RC_GTEST_PROP(SplitAmounts, TheOrderDecidesNothing, ()) {
  const auto portions = any_portions();
  const std::int64_t total = any_total();
  const auto amounts = amounts_of(total, portions);
  std::vector<std::size_t> order(portions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  std::vector<Portion> shuffled;
  for (const std::size_t i : order) shuffled.push_back(portions[i]);
  const auto again = amounts_of(total, shuffled);
  for (std::size_t i = 0; i < order.size(); ++i) RC_ASSERT(again[i] == amounts[order[i]]);
}

}  // namespace
}  // namespace instapay::transaction
