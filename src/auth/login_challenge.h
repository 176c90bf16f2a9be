#pragma once
// What somebody gets whose password was right and who has a second factor: good for presenting that
// factor within a few minutes, and for nothing else. Nothing is stored: it is signed together with
// the hash that the password was found right against, so a changed password ends it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.h"
#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::int64_t kLoginChallengeTtl_s = 300;

struct LoginChallenge {
  Uuid user;
  std::string bytes;  // all of it, signed
};

// Immutable: safe to use from many threads.
class LoginChallenges {
 public:
  // The first secret signs, all verify.
  explicit LoginChallenges(std::vector<Hash256> secrets) : secrets_(std::move(secrets)) {}

  std::string issue(const Uuid& user, std::string_view password_hash, std::int64_t now_s) const;

  // Of the text alone: whose it says it is. Nullopt when it cannot be one of ours.
  static std::optional<LoginChallenge> parse(std::string_view text);

  bool is_good(const LoginChallenge& challenge, std::string_view password_hash,
               std::int64_t now_s) const;

 private:
  std::vector<Hash256> secrets_;
};

}  // namespace instapay::auth
