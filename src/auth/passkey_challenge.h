#pragma once
// What an authenticator signs is an answer to one of these: random, good for a few minutes, for one
// purpose and whom it was made for. Nothing is stored while it waits: it is signed together with
// what it is for. That it is answered once is the database's business (use_passkey.sql).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.h"
#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::int64_t kPasskeyChallengeTtl_s = 300;

// What an answer is good for, and nothing else. Make them by these functions.
struct ChallengePurpose {
  std::string text;

  static ChallengePurpose sign_in();
  /// After the password, which was found right against this hash.
  static ChallengePurpose second_step(const Uuid& user, std::string_view password_hash);
  static ChallengePurpose step_up(const Uuid& user, const Uuid& session);
  static ChallengePurpose registration(const Uuid& user, const Uuid& session);
};

// Immutable: safe to use from many threads.
class PasskeyChallenges {
 public:
  // The first secret signs, all verify.
  explicit PasskeyChallenges(std::vector<Hash256> secrets) : secrets_(std::move(secrets)) {}

  // Bytes.
  std::string issue(const ChallengePurpose& purpose, std::int64_t now_s) const;

  bool is_good(std::string_view challenge, const ChallengePurpose& purpose,
               std::int64_t now_s) const;

 private:
  std::vector<Hash256> secrets_;
};

}  // namespace instapay::auth
