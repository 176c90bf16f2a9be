#pragma once
// A message as a browser alone can read it: RFC 8291, one record of aes128gcm (RFC 8188). The push
// service that carries it sees its length. Thread-safe; throws std::runtime_error only if OpenSSL
// fails.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/public_key.h"

namespace instapay::push {

inline constexpr std::size_t kP256Point_bytes = 65;  // uncompressed
inline constexpr std::size_t kAuthSecret_bytes = 16;
inline constexpr std::size_t kSalt_bytes = 16;
inline constexpr std::uint32_t kRecordSize = 4096;
/// What RFC 8291 leaves of 4096 bytes (§4): header, tag and delimiter are the rest.
inline constexpr std::size_t kPlaintextMax_bytes = 3993;

/// Whether these are an uncompressed point of the curve.
bool is_p256_point(std::string_view bytes);

/// The body of a push, by a key and a salt that are of this message alone. `p256dh` must be a point
/// of the curve, `auth` kAuthSecret_bytes long, `plain` at most kPlaintextMax_bytes.
std::string encrypt(std::string_view plain, std::string_view p256dh, std::string_view auth);

/// The same by a given key of P-256 and salt: for the vectors of the RFC.
std::string encrypt_with(std::string_view plain, std::string_view p256dh, std::string_view auth,
                         EVP_PKEY* sender, std::string_view salt);

}  // namespace instapay::push
