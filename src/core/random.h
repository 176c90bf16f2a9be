#pragma once
#include <cstddef>

namespace instapay {

/// Bytes from the kernel's generator, fit for secrets. Thread-safe.
void fill_random(void* data, std::size_t size);

}  // namespace instapay
