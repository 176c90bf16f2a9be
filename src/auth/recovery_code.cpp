#include "auth/recovery_code.h"

#include <algorithm>

#include "auth/base32.h"
#include "auth/random.h"
#include "core/text.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kGroup_chars = 4;

// Of the sixteen characters in lower case. The user's id keeps equal codes of two people apart.
Hash256 hash_of(std::string_view plain, const Uuid& user) {
  HashInput input;
  return input.text("instapay recovery code").bytes(user.bytes).text(plain).hash();
}

}  // namespace

RecoveryCode make_recovery_code(const Uuid& user) {
  const auto bytes = random_bytes<kRecoveryCode_bytes>();
  const std::string plain =
      lower_ascii(base32_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  RecoveryCode code{{}, hash_of(plain, user)};
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i > 0 && i % kGroup_chars == 0) code.text += '-';
    code.text += plain[i];
  }
  return code;
}

std::optional<Hash256> hash_recovery_code(std::string_view typed, const Uuid& user) {
  std::string plain = lower_ascii(typed);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '-'; });
  const bool possible = std::ranges::all_of(
      plain, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
  if (plain.size() != kRecoveryCode_chars || !possible) return std::nullopt;
  return hash_of(plain, user);
}

}  // namespace instapay::auth
