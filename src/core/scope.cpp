#include "core/scope.h"

#include <fmt/format.h>

namespace instapay {

std::optional<Scope> parse_scope(std::string_view name) {
  for (int i = 0; i < static_cast<int>(Scope::kCount); ++i)
    if (const auto scope = static_cast<Scope>(i); name_of(scope) == name) return scope;
  return std::nullopt;
}

std::optional<Scopes> parse_scopes(std::string_view text) {
  Scopes scopes;
  for (;;) {
    const std::size_t blank = text.find(' ');
    const auto scope = parse_scope(text.substr(0, blank));
    if (!scope) return std::nullopt;
    scopes.add(*scope);
    if (blank == std::string_view::npos) return scopes;
    text.remove_prefix(blank + 1);
  }
}

std::vector<std::string_view> names_of(Scopes scopes) {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(Scope::kCount); ++i)
    if (const auto scope = static_cast<Scope>(i); scopes.has(scope))
      names.push_back(name_of(scope));
  return names;
}

std::string format(Scopes scopes) { return fmt::to_string(fmt::join(names_of(scopes), " ")); }

}  // namespace instapay
