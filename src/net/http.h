#pragma once
// Requests and responses as handlers see them: plain data, no Beast.
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "core/error.h"
#include "core/factor.h"
#include "core/json.h"
#include "core/role.h"
#include "core/scope.h"
#include "core/utf8.h"
#include "core/uuid.h"
#include "telemetry/trace.h"

namespace instapay::net {

enum class Method : std::uint8_t { get, post, put, patch, del, options, head, other };
std::string_view name_of(Method method);

/// Who is asking: the claims of a verified access token.
struct Principal {
  Uuid user_id, session_id;  // a machine's: its wallet, and its credential
  Role role = Role::user;
  std::int64_t expires_at_s = 0;  // of the token: what lasts longer than a request ends then
  FactorState factors = {};
  /// Staff who have not shown the second factor that is demanded of them: nobody's until then.
  bool awaits_factor = false;
  /// A program asks, not a person: what it may is in its scopes.
  std::optional<Machine> machine = {};

  /// Whose request it is: a machine and the owner of its wallet are two.
  const Uuid& identity() const { return machine ? machine->id : user_id; }
  bool may(Permission permission) const {
    return instapay::may(role, permission) && !awaits_factor;
  }
  bool is_staff() const { return may(Permission::look); }
};

/// What a rate limit says of a request: for the RateLimit headers, or why it was refused.
struct RateDecision {
  bool allowed = true;
  std::int64_t limit = 0, remaining = 0, reset_s = 0;
};

class Middleware;

/// One request. Views are valid while the handler runs.
class Request {
 public:
  Method method = Method::other;
  std::string method_name;
  bool http_1_0 = false;
  std::string target;  // path and query as sent; "*" for OPTIONS of the server
  std::string body;
  std::string address;  // of the client, without port
  std::string request_id;
  trace::Context server_span;  // of this request, in the caller's trace or one of its own
  std::string_view route;      // template, for logs and metrics
  std::optional<Principal> principal;
  std::optional<RateDecision> rate;        // of the limit that is nearest to the user
  const Middleware* middleware = nullptr;  // that admitted it; for charge() in net/middleware.h
  std::vector<std::string> params;         // of the path, percent-decoded, in order
  bool secure = false;                     // came over TLS, here or at a trusted proxy

  std::string_view path() const;
  /// The first value of a query parameter, decoded; nullopt when absent.
  std::optional<std::string> query(std::string_view name) const;
  /// The first value of a header (case-insensitive name), or empty.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const { return count_header(name) > 0; }
  /// Whether the body says to be of that media type, whatever its parameters are.
  bool has_body_of(std::string_view media_type) const;
  std::size_t count_header(std::string_view name) const;
  /// The last element of a list that may be spread over several lines (RFC 9110, section 5.3).
  std::string_view last_element(std::string_view name) const;

  void add_header(std::string_view name, std::string_view value);
  void clear();
  std::size_t header_count() const { return headers_.size(); }

 private:
  struct Span {
    std::uint32_t name, name_size, value, value_size;
  };
  const Span* find(std::string_view name) const;
  std::string header_text_;
  std::vector<Span> headers_;
};

/// Writes pieces of a response whose length is not known beforehand. False: the client is gone.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual Task<bool> write(std::string_view piece) = 0;
  /// Whether the server is stopping: streams should end.
  virtual bool stopping() const = 0;
};

struct Response {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// Set for streams: runs after the head is sent, chunk by chunk.
  std::function<Task<void>(BodyWriter&)> stream = {};

  Response& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  static Response json(int status, std::string body) {
    return {status, "application/json", std::move(body)};
  }
  static Response no_content() { return {204}; }
};

/// The members of a refused amount, when it is one: `limit`, `left`, `resetsAt`.
void write_bounds(JsonWriter& json, const Error& error);
/// application/problem+json (RFC 9457).
Response problem(const Error& error, const Request& request);

/// Percent-decoding; '+' stays '+' in paths and becomes a blank in queries. nullopt when malformed
/// or not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

using instapay::is_valid_utf8;
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace instapay::net
