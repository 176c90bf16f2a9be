#include "net/router.h"

#include <fmt/format.h>

#include <algorithm>

namespace instapay::net {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_param(std::string_view segment) { return segment.starts_with('{'); }

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i)
    if (is_param(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  return true;
}

}  // namespace

void Router::add_entry(Entry entry) {
  entry.segments = split(entry.path);
  entry.scope = scope_of(entry.name);
  // Literal paths come before those with parameters: /users/me before /users/{id}.
  const auto params = [](const Entry& e) { return std::ranges::count_if(e.segments, is_param); };
  const auto place = std::ranges::upper_bound(entries_, params(entry), {}, params);
  entries_.insert(place, std::move(entry));
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].index = i;
}

Result<const Router::Entry*> Router::match(Request& request) const {
  std::string allow;
  const auto segments = split(request.path());
  const Method method = request.method == Method::head ? Method::get : request.method;
  // The most literal path that fits is the one that is meant, whatever its methods: PATCH
  // /users/me is not PATCH /users/{id} of somebody called "me".
  std::string_view meant;
  for (const Entry& entry : entries_) {
    if (!fits(entry.segments, segments)) continue;
    if (!meant.empty() && entry.path != meant) continue;
    meant = entry.path;
    if (entry.method != method) {
      allow += (allow.empty() ? "" : ", ") + std::string(name_of(entry.method));
      if (entry.method == Method::get) allow += ", HEAD";
      continue;
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (!is_param(entry.segments[i])) continue;
      auto value = percent_decode(segments[i], false);
      if (!value) return fail(Code::bad_request, "The path is not valid percent-encoded UTF-8.");
      request.params.push_back(std::move(*value));
    }
    request.route = entry.path;
    return &entry;
  }
  if (allow.empty())
    return fail(Code::route_not_found, fmt::format("There is nothing at {}.", request.path()));
  allow += ", OPTIONS";
  Error error{Code::method_not_allowed,
              fmt::format("{} is not possible here.", request.method_name)};
  error.allow = std::move(allow);
  return fail(std::move(error));
}

}  // namespace instapay::net
