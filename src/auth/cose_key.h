#pragma once
// The public key of a passkey: a COSE_Key (RFC 9052 §7) as authenticators write it (WebAuthn
// §6.5.1), of one of three algorithms, with nothing in it but what that algorithm needs.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "auth/public_key.h"

namespace instapay::auth {

// By their numbers in the registry of COSE algorithms.
inline constexpr std::int32_t kCoseEs256 = -7, kCoseEdDsa = -8, kCoseRs256 = -257;
inline constexpr std::int32_t kCoseAlgorithms[] = {kCoseEs256, kCoseEdDsa, kCoseRs256};

inline constexpr std::size_t kCoseKeyMax_bytes = 1024;  // an RSA key of 4096 bits has some 530

// Immutable and thread-safe.
class CoseKey {
 public:
  // Nullopt for another algorithm or curve, numbers that are no key (a point that is not on the
  // curve, an RSA key that is too short), what a key may not have, and anything after it.
  static std::optional<CoseKey> parse(std::span<const std::uint8_t> cbor);

  std::int32_t algorithm() const { return algorithm_; }

  // `signature` as WebAuthn §6.5.5 has it: DER for ES256.
  bool verify(std::span<const std::uint8_t> message, std::span<const std::uint8_t> signature) const;

 private:
  CoseKey(KeyHandle key, std::int32_t algorithm) : key_(std::move(key)), algorithm_(algorithm) {}

  KeyHandle key_;
  std::int32_t algorithm_;
};

}  // namespace instapay::auth
