#pragma once
// CHECK(condition): for invariants whose breach would cost money. On in every build; a breach ends
// the process with file, line and the condition, before anything wrong is written.
#include <cstdio>
#include <cstdlib>

namespace instapay {

[[noreturn, gnu::cold]] inline void check_failed(const char* file, int line,
                                                 const char* condition) {
  std::fprintf(stderr, "CHECK failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace instapay

#define CHECK(condition)                             \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::instapay::check_failed(__FILE__, __LINE__, #condition))
