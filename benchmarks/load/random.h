#pragma once
// Fast, seeded randomness: a run can be told apart from another one, and repeated.
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace bench {

/// splitmix64
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
  }
  /// Uniform in [0, bound); the bias of the multiplication is below 2^-32 here.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((bits() >> 32) * bound >> 32);
  }
  /// Uniform in (0, 1].
  double unit() { return static_cast<double>((bits() >> 11) + 1) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

/// Ranks 0..n-1 with weight 1/(rank+1)^exponent in constant time a draw (Vose's alias method).
class Zipf {
 public:
  Zipf(std::size_t n, double exponent) : keep_(n), alias_(n) {
    std::vector<double> weight(n);
    for (std::size_t i = 0; i < n; ++i) {
      weight[i] = 1.0 / std::pow(static_cast<double>(i + 1), exponent);
    }
    const double scale =
        static_cast<double>(n) / std::accumulate(weight.begin(), weight.end(), 0.0);
    std::vector<std::uint32_t> small, large;
    for (std::uint32_t i = 0; i < n; ++i) {
      weight[i] *= scale;
      (weight[i] < 1.0 ? small : large).push_back(i);
    }
    while (!small.empty() && !large.empty()) {
      const std::uint32_t less = small.back(), more = large.back();
      small.pop_back();
      keep_[less] = weight[less];
      alias_[less] = more;
      weight[more] -= 1.0 - weight[less];
      if (weight[more] < 1.0) {
        large.pop_back();
        small.push_back(more);
      }
    }
    for (const std::uint32_t rest : large) keep_[rest] = 1.0;
    for (const std::uint32_t rest : small) keep_[rest] = 1.0;
  }

  std::uint32_t draw(Random& random) const {
    const std::uint32_t i = random.below(static_cast<std::uint32_t>(keep_.size()));
    return random.unit() <= keep_[i] ? i : alias_[i];
  }

 private:
  std::vector<double> keep_;
  std::vector<std::uint32_t> alias_;
};

}  // namespace bench
