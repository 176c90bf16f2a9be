#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace instapay {

/// What a person may do: users their own, operators everything, auditors read everything.
enum class Role : std::uint8_t { user, operator_, auditor };

constexpr std::string_view name_of(Role role) {
  constexpr std::string_view kNames[] = {"user", "operator", "auditor"};
  return kNames[static_cast<int>(role)];
}

constexpr std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::user, Role::operator_, Role::auditor})
    if (name_of(role) == text) return role;
  return std::nullopt;
}

}  // namespace instapay
