#pragma once
// Who sends a push says so (RFC 8292): a token signed by the key that the browser's subscription
// was made with. Immutable: safe to use from many threads.
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/signing_key.h"

namespace instapay::push {

inline constexpr auth::KeyPurpose kVapidKeysPurpose{"VAPID_PRIVATE_KEY", "vapid-key.pem",
                                                    auth::kReceiptAlgorithms};
/// A push service takes 24 hours at most; ours are made for each push, and clocks differ.
inline constexpr std::int64_t kVapidTokenLife_s = 12 * 3600;

class VapidKeys {
 public:
  /// The keys of the setting, the first for new subscriptions, the others for those that were made
  /// with them; where it is empty, the one of a development installation.
  static std::expected<VapidKeys, std::string> of(const std::string& pem,
                                                  const std::filesystem::path& data_dir);

  /// Of the first key, and as browsers want it: a point in base64url.
  const std::string& kid() const { return keys_.front().signer.kid(); }
  const std::string& public_key() const { return keys_.front().point; }
  bool has(std::string_view kid) const { return find(kid) != nullptr; }
  /// Of the key that a browser says it subscribed with.
  std::optional<std::string> kid_of(std::string_view public_key) const;

  /// The header Authorization for an origin ("https://push.example.com"), from who is reached at
  /// `subject` (a mailto or https URL). There must be such a key.
  std::string authorization(std::string_view kid, std::string_view origin, std::string_view subject,
                            std::int64_t now_s) const;

 private:
  struct Key {
    auth::SigningKeys signer;
    std::string point;
  };
  const Key* find(std::string_view kid) const;

  std::vector<Key> keys_;
};

}  // namespace instapay::push
