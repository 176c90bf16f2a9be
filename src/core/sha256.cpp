#include "core/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace instapay {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching the algorithm costs more than hashing a short message: done once.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

Hash256 sha256(std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Hash256 hash;
  if (EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    std::abort();  // only memory exhaustion gets here
  return hash;
}

Hash128 sha256_half(std::string_view bytes) {
  const Hash256 whole = sha256(bytes);
  Hash128 half;
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t high = kDigits.find(text[2 * i]), low = kDigits.find(text[2 * i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

HashInput& HashInput::bytes(std::span<const std::uint8_t> value) {
  data_.append(reinterpret_cast<const char*>(value.data()), value.size());
  return *this;
}

HashInput& HashInput::number(std::uint64_t value, int width_bytes) {
  char big_endian[8];
  for (int i = 0; i < 8; ++i) big_endian[i] = static_cast<char>(value >> (8 * (7 - i)));
  data_.append(big_endian + 8 - width_bytes, static_cast<std::size_t>(width_bytes));
  return *this;
}

HashInput& HashInput::text(std::string_view value) {
  number(value.size(), 4);
  data_ += value;
  return *this;
}

}  // namespace instapay
