#include "net/idempotency.h"

#include <algorithm>

#include "core/limits.h"

namespace instapay::net {
namespace {

std::string_view without_trailing_zeros(std::string_view number) {
  if (!number.contains('.') || number.find_first_of("eE") != std::string_view::npos) return number;
  number.remove_suffix(number.size() - number.find_last_not_of('0') - 1);
  if (number.ends_with('.')) number.remove_suffix(1);
  return number;
}

// Each value begins with its kind and says how much of it follows: no two bodies read the same.
void add(HashInput& input, const Json& json) {
  input.number(static_cast<std::uint64_t>(json.kind), 1);
  switch (json.kind) {
    case Json::Kind::null:
      break;
    case Json::Kind::boolean:
      input.number(json.boolean ? 1 : 0, 1);
      break;
    case Json::Kind::number:
      input.text(without_trailing_zeros(json.text));
      break;
    case Json::Kind::string:
      input.text(json.text);
      break;
    case Json::Kind::array:
      input.number(json.items.size(), 8);
      for (const Json& item : json.items) add(input, item);
      break;
    case Json::Kind::object: {
      std::vector<const JsonMember*> members;
      for (const JsonMember& member : json.members) members.push_back(&member);
      std::ranges::sort(members, {}, &JsonMember::name);
      input.number(members.size(), 8);
      for (const JsonMember* member : members) add(input.text(member->name), member->value);
      break;
    }
  }
}

Hash128 hash_of(const Request& request, const Json& body) {
  HashInput input;
  input.text(request.method_name).text(request.path());
  add(input, body);
  const Hash256 hash = input.hash();
  Hash128 half{};
  std::copy_n(hash.begin(), half.size(), half.begin());
  return half;
}

}  // namespace

Result<std::optional<Idempotency>> read_idempotency(const Request& request, const Json& body) {
  const std::size_t count = request.count_header("Idempotency-Key");
  if (count == 0) return std::nullopt;
  if (count > 1) return fail(Code::idempotency_key_invalid, "Send one Idempotency-Key.");
  const std::string_view key = request.header("Idempotency-Key");
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > kIdempotencyKeyMax_bytes || !visible)
    return fail(Code::idempotency_key_invalid,
                "Idempotency-Key must be 1 to 255 visible ASCII characters.");
  return Idempotency{sha256_half(key), hash_of(request, body)};
}

}  // namespace instapay::net
