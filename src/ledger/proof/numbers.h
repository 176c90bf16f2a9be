#pragma once
// A set of numbers from 1 on that has few gaps, as stretches: what comes nearly in order takes next
// to nothing, however many there are.
#include <cstdint>
#include <iterator>
#include <map>

namespace instapay::ledger {

class Numbers {
 public:
  void add(std::int64_t number) {
    auto next = stretches_.upper_bound(number);  // the first that begins after it
    auto before = next == stretches_.begin() ? stretches_.end() : std::prev(next);
    if (before != stretches_.end() && number < before->second) return;
    const bool joins_next = next != stretches_.end() && next->first == number + 1;
    const std::int64_t end = joins_next ? next->second : number + 1;
    if (joins_next) stretches_.erase(next);
    if (before != stretches_.end() && before->second == number) {
      before->second = end;
    } else {
      stretches_.emplace(number, end);
    }
  }

  bool contains(std::int64_t number) const {
    const auto next = stretches_.upper_bound(number);
    return next != stretches_.begin() && number < std::prev(next)->second;
  }

  /// The least number from 1 on that is not in it.
  std::int64_t first_missing() const {
    const auto first = stretches_.begin();
    return first == stretches_.end() || first->first > 1 ? 1 : first->second;
  }

  std::size_t stretches() const { return stretches_.size(); }

 private:
  std::map<std::int64_t, std::int64_t> stretches_;  // where each begins, and ends (exclusive)
};

}  // namespace instapay::ledger
