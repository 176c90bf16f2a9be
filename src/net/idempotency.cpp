#include "net/idempotency.h"

#include <algorithm>
#include <cctype>

#include "core/limits.h"

namespace instapay::net {

Result<std::optional<Hash128>> idempotency_key(const Request& request, KeyRule rule) {
  const std::size_t count = request.count_header("Idempotency-Key");
  if (count == 0 && rule == KeyRule::required)
    return fail(
        Code::idempotency_key_required,
        "Send an Idempotency-Key, a new one for each intention: then nothing happens twice.");
  if (count == 0) return std::nullopt;
  if (count > 1) return fail(Code::idempotency_key_invalid, "Send one Idempotency-Key.");
  const std::string_view key = request.header("Idempotency-Key");
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > kIdempotencyKeyMax_bytes || !visible)
    return fail(Code::idempotency_key_invalid,
                "Idempotency-Key must be 1 to 255 visible ASCII characters.");
  return sha256_half(key);
}

HashInput canonical_request(const Request& request) {
  HashInput input;
  input.text(request.method_name).text(request.route);
  // Ids may be written in either case.
  for (std::string param : request.params) {
    std::ranges::transform(param, param.begin(), [](unsigned char c) { return std::tolower(c); });
    input.text(param);
  }
  return input;
}

Hash128 request_hash(const HashInput& canonical) { return canonical.half(); }

}  // namespace instapay::net
