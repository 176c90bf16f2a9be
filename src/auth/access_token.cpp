#include "auth/access_token.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "auth/jws.h"

namespace instapay::auth {
namespace {

constexpr std::string_view kType = "at+jwt";  // RFC 9068

// Whole seconds only: that is what we issue.
std::optional<std::int64_t> claim_time(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  if (value == nullptr || value->kind != Json::Kind::number) return std::nullopt;
  const char* end = value->text.data() + value->text.size();
  std::int64_t time_s = 0;
  const auto [stop, error] = std::from_chars(value->text.data(), end, time_s);
  if (error != std::errc() || stop != end || time_s < 0) return std::nullopt;
  return time_s;
}

bool audience_matches(const Json& payload, std::string_view audience) {
  const Json* value = payload.find("aud");
  if (value == nullptr) return false;
  if (value->kind == Json::Kind::string) return value->text == audience;
  return std::ranges::any_of(value->items, [&](const Json& item) {
    return item.kind == Json::Kind::string && item.text == audience;
  });
}

std::optional<Claims> read_claims(const Json& payload) {
  const auto subject = Uuid::parse(text_of(payload, "sub"));
  const auto session_id = Uuid::parse(text_of(payload, "sid"));
  const auto token_id = Uuid::parse(text_of(payload, "jti"));
  const auto role = parse_role(text_of(payload, "role"));
  const auto issued_at_s = claim_time(payload, "iat");
  const auto expires_at_s = claim_time(payload, "exp");
  if (!subject || !session_id || !token_id || !role || !issued_at_s || !expires_at_s) {
    return std::nullopt;
  }
  return Claims{.subject = *subject,
                .session_id = *session_id,
                .token_id = *token_id,
                .issued_at_s = *issued_at_s,
                .expires_at_s = *expires_at_s,
                .role = *role};
}

}  // namespace

std::string issue_access_token(const Claims& claims, const SigningKeys& keys,
                               const TokenExpectations& names) {
  std::string payload;
  JsonWriter(payload)
      .begin_object()
      .field("iss", names.issuer)
      .field("aud", names.audience)
      .field("sub", claims.subject)
      .field("sid", claims.session_id)
      .field("role", name_of(claims.role))
      .field("iat", claims.issued_at_s)
      .field("exp", claims.expires_at_s)
      .field("jti", claims.token_id)
      .end_object();
  return sign_jws(payload, kType, keys);
}

std::expected<Claims, TokenError> verify_access_token(std::string_view token, const KeySet& keys,
                                                      std::int64_t now_s,
                                                      const TokenExpectations& expected) {
  const auto invalid = std::unexpected(TokenError::invalid);
  const auto jws = parse_jws(token, kType, kTokenMax_bytes);
  if (!jws) return invalid;
  if (!jws->kid.empty() && !keys.contains(jws->kid))
    return std::unexpected(TokenError::unknown_key);
  if (!verify_jws(*jws, keys)) return invalid;
  // Duplicate members are refused, so claims mean one thing only.
  const auto payload = parse_json(jws->payload);
  if (!payload || payload->kind != Json::Kind::object ||
      text_of(*payload, "iss") != expected.issuer ||
      !audience_matches(*payload, expected.audience)) {
    return invalid;
  }
  auto claims = read_claims(*payload);
  if (!claims || claims->issued_at_s > now_s + kClockSkewMax_s) return invalid;
  if (payload->find("nbf") != nullptr) {
    const auto not_before = claim_time(*payload, "nbf");
    if (!not_before || *not_before > now_s + kClockSkewMax_s) return invalid;
  }
  if (now_s >= claims->expires_at_s) return std::unexpected(TokenError::expired);
  return *claims;
}

}  // namespace instapay::auth
