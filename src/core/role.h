#pragma once
// Who may do what: the one table of roles and permissions. docs/security.md shows the same
// (scripts/docs.py compares), db/migrations/0024_approvals.sql holds what approvals need of it.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace instapay {

/// What a person may do: users their own; operators all that staff may, the others a part of it.
enum class Role : std::uint8_t { user, operator_, auditor, support, treasury, admin };
inline constexpr std::array kRoles{Role::user,    Role::operator_, Role::auditor,
                                   Role::support, Role::treasury,  Role::admin};

/// What staff may do to accounts that are not their own.
enum class Permission : std::uint8_t {
  look,      // read everything there is about anybody
  freeze,    // freeze and thaw wallets, see and end sessions
  names,     // change names
  money,     // adjust balances, give payments back
  limits,    // set limits
  close,     // close wallets, say where their money goes, open them again
  roles,     // change roles
  erase,     // export and erase personal data
  programs,  // keep the platform's service accounts
};
inline constexpr std::array kPermissions{
    Permission::look,  Permission::freeze, Permission::names,
    Permission::money, Permission::limits, Permission::close,
    Permission::roles, Permission::erase,  Permission::programs};

constexpr std::string_view name_of(Role role) {
  constexpr std::string_view kNames[] = {"user",    "operator", "auditor",
                                         "support", "treasury", "admin"};
  return kNames[static_cast<int>(role)];
}

constexpr std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : kRoles)
    if (name_of(role) == text) return role;
  return std::nullopt;
}

constexpr bool may(Role role, Permission permission) {
  using enum Permission;
  switch (role) {
    case Role::user:
      return false;
    case Role::operator_:
      return true;
    case Role::auditor:
      return permission == look;
    case Role::support:
      return permission == look || permission == freeze;
    case Role::treasury:
      return permission == look || permission == money || permission == limits ||
             permission == close;
    case Role::admin:
      return permission == look || permission == names || permission == roles ||
             permission == erase || permission == programs;
  }
  return false;
}

}  // namespace instapay
