#pragma once
// Bytes from OpenSSL's generator, fit for secrets. Thread-safe; throws std::runtime_error if the
// generator fails, for there is nothing safe to go on with.
#include <openssl/rand.h>

#include <array>
#include <cstddef>

#include "auth/openssl.h"

namespace instapay::auth {

template <std::size_t kSize>
std::array<unsigned char, kSize> random_bytes() {
  std::array<unsigned char, kSize> bytes{};
  require(RAND_bytes(bytes.data(), static_cast<int>(kSize)) == 1, "random bytes");
  return bytes;
}

}  // namespace instapay::auth
