#pragma once
// What a fuzzer finds wrong ends the process, in every build: asserts may be compiled out.
#include <cstdlib>

namespace fuzz {

inline void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace fuzz
