#pragma once
// RapidCheck's inRange narrows with the size at hand, and inside a short container that is a few
// per cent: everybody would pay themselves. These are always from the whole range.
#include <rapidcheck.h>

namespace instapay::testing {

template <class T>
rc::Gen<T> any_in(T min, T max) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(min, max));
}

}  // namespace instapay::testing
