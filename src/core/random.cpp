#include "core/random.h"

#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

namespace instapay {

void fill_random(void* data, std::size_t size) {
  auto* at = static_cast<std::uint8_t*>(data);
  while (size > 0) {
    const ssize_t got = getrandom(at, size, 0);
    if (got < 0) std::abort();  // the kernel's source cannot fail once the machine is up
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

}  // namespace instapay
