#pragma once
// The one table of which scope an endpoint asks a service account for. What is not in it, no
// machine may use.
#include <optional>
#include <span>
#include <string_view>

#include "core/scope.h"

namespace instapay::net {

struct ScopeRule {
  std::string_view route;  // by its name
  Scope scope;
};

std::span<const ScopeRule> scope_rules();

/// Nullopt: not for machines.
std::optional<Scope> scope_of(std::string_view route);

}  // namespace instapay::net
