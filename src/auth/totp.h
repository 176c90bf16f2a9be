#pragma once
// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, six digits,
// thirty seconds. Thread-safe; throws std::runtime_error only if OpenSSL fails.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay::auth {

inline constexpr std::size_t kTotpSecret_bytes = 20;  // 160 bits (RFC 4226 §4)
inline constexpr int kTotpDigits = 6;
inline constexpr std::int64_t kTotpPeriod_s = 30;
// How far the clock of a phone may be off, on either side.
inline constexpr std::int64_t kTotpDrift_steps = 1;

// The number of the period that a Unix time falls into.
constexpr std::int64_t totp_step(std::int64_t unix_s) { return unix_s / kTotpPeriod_s; }

// RFC 4226 §5.3 of a step's number; the test vectors of RFC 6238 have eight digits.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = kTotpDigits);

// The step within the drift whose code it is, the latest if there are two. Compares each in
// constant time. That a step is used once only is the caller's to hold.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code,
                                       std::int64_t now_s);

// otpauth://totp/…, which authenticator apps read as a QR code.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account);

}  // namespace instapay::auth
