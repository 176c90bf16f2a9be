#pragma once
// Route tables. A service is a struct; its routes are a constexpr table of rows:
//
//   constexpr net::Route<TransactionService> kRoutes[] = {
//       {Method::post, "/api/transactions", Access::user, create_transfer, "create_transfer"},
//   };
//
// A handler takes the service and the request and returns a response or an Error; the server
// turns the Error into problem+json.
#include <span>
#include <string_view>
#include <vector>

#include "core/limits.h"
#include "net/http.h"
#include "net/scopes.h"

namespace instapay::net {

using Reply = Task<Result<Response>>;

enum class Access : std::uint8_t {
  anyone,
  anyone_counted,  // the same, but also a GET counts against its address: it asks the database
  user,            // any valid access token
  // Staff whose role has that permission.
  staff,  // Permission::look
  money,
  limits,
  erase,
  programs,
};

constexpr Permission permission_of(Access access) {
  switch (access) {
    case Access::money:
      return Permission::money;
    case Access::limits:
      return Permission::limits;
    case Access::erase:
      return Permission::erase;
    case Access::programs:
      return Permission::programs;
    default:
      return Permission::look;
  }
}

constexpr std::string_view name_of(Access access) {
  constexpr std::string_view kNames[] = {"anyone", "anyone", "user",  "look",
                                         "money",  "limits", "erase", "programs"};
  return kNames[static_cast<int>(access)];
}

template <class Service>
struct Route {
  Method method;
  std::string_view path;  // "/api/users/{id}/sessions"
  Access access;
  Reply (*handler)(Service&, Request&);
  std::string_view name;  // the handler's name: label in metrics and logs
  std::size_t body_max_bytes = kBodyMax_bytes;
};

class Router {
 public:
  struct Entry {
    std::string_view service;
    Method method;
    std::string_view path;
    Access access;
    std::string_view name;
    std::size_t body_max_bytes;
    std::function<Reply(Request&)> handle;
    std::vector<std::string_view> segments;  // of the path
    std::size_t index = 0;                   // among all entries
    std::optional<Scope> scope;              // that machines need; none: not for them
  };

  template <class Service>
  void add(std::string_view service_name, Service& service,
           std::span<const Route<Service>> routes) {
    for (const auto& route : routes)
      add_entry({service_name, route.method, route.path, route.access, route.name,
                 route.body_max_bytes,
                 [&service, handler = route.handler](Request& r) { return handler(service, r); }});
  }

  /// Finds the entry and fills request.params. Errors: route_not_found; method_not_allowed with
  /// Allow; bad_request when the path cannot be decoded. HEAD is served by GET.
  Result<const Entry*> match(Request& request) const;

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void add_entry(Entry entry);
  std::vector<Entry> entries_;
};

}  // namespace instapay::net
