#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <span>

#include "core/limits.h"

namespace instapay::net {
namespace {

constexpr std::string_view kMethodNames[] = {"GET",    "POST",    "PUT",  "PATCH",
                                             "DELETE", "OPTIONS", "HEAD", ""};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string_view name_of(Method method) { return kMethodNames[static_cast<int>(method)]; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  // PostgreSQL's text has no NUL, and nothing here needs one.
  if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) return std::nullopt;
  return out;
}

std::string_view Request::path() const {
  const std::string_view whole = target;
  return whole.substr(0, whole.find('?'));
}

std::optional<std::string> Request::query(std::string_view name) const {
  const std::string_view whole = target;
  const auto mark = whole.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = whole.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) != name) continue;
    if (equals == pair.size()) return std::string();
    // What cannot be decoded cannot be meant: validation sees a character nothing accepts.
    return percent_decode(pair.substr(equals + 1), true).value_or("\x7f");
  }
  return std::nullopt;
}

const Request::Span* Request::find(std::string_view name) const {
  const std::string_view text = header_text_;
  for (const Span& span : headers_)
    if (span.name_size == name.size() &&
        equal_ignoring_case(text.substr(span.name, span.name_size), name))
      return &span;
  return nullptr;
}

std::string_view Request::header(std::string_view name) const {
  const Span* span = find(name);
  if (span == nullptr) return {};
  return std::string_view(header_text_).substr(span->value, span->value_size);
}

bool Request::has_body_of(std::string_view media_type) const {
  std::string_view type = header("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return equal_ignoring_case(type, media_type);
}

std::size_t Request::count_header(std::string_view name) const {
  const std::string_view text = header_text_;
  return static_cast<std::size_t>(std::ranges::count_if(headers_, [&](const Span& span) {
    return equal_ignoring_case(text.substr(span.name, span.name_size), name);
  }));
}

std::string_view Request::last_element(std::string_view name) const {
  constexpr std::string_view kBlank = " \t";
  const std::string_view text = header_text_;
  for (const Span& span : std::views::reverse(headers_)) {
    if (!equal_ignoring_case(text.substr(span.name, span.name_size), name)) continue;
    std::string_view line = text.substr(span.value, span.value_size);
    while (!line.empty()) {
      const auto comma = line.rfind(',');
      std::string_view element = line.substr(comma + 1);
      line = line.substr(0, comma == std::string_view::npos ? 0 : comma);
      const auto first = element.find_first_not_of(kBlank);
      if (first == std::string_view::npos) continue;  // empty elements are none
      return element.substr(first, element.find_last_not_of(kBlank) - first + 1);
    }
  }
  return {};
}

void Request::add_header(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(header_text_.size());
  header_text_.append(name).append(value);
  headers_.push_back({at, static_cast<std::uint32_t>(name.size()),
                      at + static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
}

void Request::clear() {
  method = Method::other;
  http_1_0 = secure = false;
  method_name.clear();
  target.clear();
  body.clear();
  if (body.capacity() > kBodyMax_bytes) body.shrink_to_fit();  // kept for the next one otherwise
  address.clear();
  request_id.clear();
  server_span = {};
  route = {};
  principal.reset();
  rate.reset();
  middleware = nullptr;
  params.clear();
  header_text_.clear();
  headers_.clear();
}

void write_bounds(JsonWriter& json, const Error& error) {
  if (!error.bounds) return;
  const auto& [limit, left, resets_us] = *error.bounds;
  if (!limit.empty()) json.key("limit").raw(limit);
  if (!left.empty()) json.key("left").raw(left);
  if (resets_us != 0) json.key("resetsAt").time(resets_us);
}

namespace {

void write_factor_demand(JsonWriter& json, const FactorDemand& demand) {
  json.key("accepts").begin_array();
  for (const std::string_view name : demand.accepts) json.value(name);
  json.end_array();
  if (demand.challenge.empty()) return;
  json.field("challenge", demand.challenge).field("expiresIn", demand.expires_in_s);
}

// Whether it is the token that is not good: with another one the same request may go through.
bool is_of_token(Code code) {
  return code == Code::token_invalid || code == Code::token_expired || code == Code::token_revoked;
}

}  // namespace

Response problem(const Error& error, const Request& request) {
  const CodeInfo& code = info(error.code);
  Response response{code.status, "application/problem+json"};
  JsonWriter json(response.body);
  json.begin_object().field("type", fmt::format("/docs/errors#{}", code.name));
  json.field("title", code.title).field("status", code.status).field("code", code.name);
  std::string detail = error.detail.empty() ? std::string(code.title) + "." : error.detail;
  const std::size_t listed = std::min(error.fields.size(), kFieldErrorsMax);
  if (const std::size_t more = error.fields.size() - listed + error.fields_not_listed; more > 0)
    detail += fmt::format(" These are the first {}, and {} more.", listed, more);
  json.field("detail", detail);
  json.field("request_id", request.request_id);
  write_bounds(json, error);
  if (error.factor) write_factor_demand(json, *error.factor);
  if (error.attempts_left) json.field("attemptsLeft", std::int64_t{*error.attempts_left});
  if (!error.fields.empty()) {
    json.key("errors").begin_array();
    for (const auto& [field, field_code, reason] : std::span(error.fields).first(listed))
      json.begin_object()
          .field("field", field)
          .field("code", field_code)
          .field("detail", reason)
          .end_object();
    json.end_array();
  }
  json.end_object();
  if (code.status == 429 || code.status == 503)
    response.header("Retry-After", std::to_string(std::max(error.retry_after_s, 1)));
  if (code.status == 401)
    response.header("WWW-Authenticate",
                    is_of_token(error.code) ? "Bearer error=\"invalid_token\"" : "Bearer");
  // RFC 9470, whose challenge says what is to be done; the status says that the token is good.
  if (error.code == Code::step_up_required || error.code == Code::pin_limit)
    response.header("WWW-Authenticate",
                    fmt::format(R"(Bearer error="insufficient_user_authentication", max_age="{}")",
                                kStepUpMaxAge_s));
  if (error.code == Code::insufficient_scope)
    response.header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
  if (!error.allow.empty()) response.header("Allow", error.allow);
  return response;
}

}  // namespace instapay::net
