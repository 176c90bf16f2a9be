#pragma once
// What a service account may do (docs/api.md, "Service accounts"): each access token of one names
// its scopes, and each endpoint that machines may use needs one of them (net/scopes.h).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.h"

namespace instapay {

enum class Scope : std::uint8_t {
  payments_read,
  payments_write,
  refunds_write,
  requests_read,
  requests_write,
  reports_read,
  actions_read,
  kCount
};

constexpr std::string_view name_of(Scope scope) {
  constexpr std::string_view kNames[] = {"payments:read", "payments:write", "refunds:write",
                                         "requests:read", "requests:write", "reports:read",
                                         "actions:read"};
  return kNames[static_cast<int>(scope)];
}

std::optional<Scope> parse_scope(std::string_view name);

class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) add(scope);
  }
  constexpr void add(Scope scope) { bits_ |= bit(scope); }
  constexpr bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  constexpr bool has_all(Scopes others) const { return (others.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Scopes&) const = default;

 private:
  static constexpr std::uint32_t bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  std::uint32_t bits_ = 0;
};

/// As `scope` has them (RFC 6749 §3.3): names, a blank between two. Nullopt when it is not such a
/// list, or has a name that is no scope.
std::optional<Scopes> parse_scopes(std::string_view text);
/// In the order of the enum, as format() joins them.
std::vector<std::string_view> names_of(Scopes scopes);
std::string format(Scopes scopes);

/// What the service account of a wallet may have, and one of the platform: that one reads what an
/// auditor does.
inline constexpr Scopes kWalletScopes{Scope::payments_read,  Scope::payments_write,
                                      Scope::refunds_write,  Scope::requests_read,
                                      Scope::requests_write, Scope::reports_read};
inline constexpr Scopes kPlatformScopes{Scope::reports_read, Scope::actions_read};
inline constexpr Scopes kEveryScope = [] {
  Scopes every;
  for (int i = 0; i < static_cast<int>(Scope::kCount); ++i) every.add(static_cast<Scope>(i));
  return every;
}();

/// A program that asks in the name of a wallet or of the platform.
struct Machine {
  Uuid id;                     // of its service account: the client_id
  std::optional<Uuid> wallet;  // nullopt: the platform's
  Scopes scopes;
  bool operator==(const Machine&) const = default;
};

}  // namespace instapay
