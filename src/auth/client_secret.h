#pragma once
// Secrets of service accounts: random text, of which the hash is kept.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/sha256.h"

namespace instapay::auth {

/// Tells people and scanners of leaked secrets what it is.
inline constexpr std::string_view kClientSecretPrefix = "instapay_sk_";

struct ClientSecret {
  std::string text;  // goes to the client and nowhere else
  // SHA-256. A slow hash protects what people choose: this has 256 random bits, which nobody can
  // try out, and a program signs in often.
  Hash256 hash{};
};

/// Thread-safe; throws std::runtime_error if the random generator fails.
ClientSecret make_client_secret();

/// Nullopt when the text cannot be one of ours.
std::optional<Hash256> hash_client_secret(std::string_view text);

/// In a time that tells nothing of where they differ.
bool equal_hashes(const Hash256& one, std::span<const std::uint8_t> other);

}  // namespace instapay::auth
