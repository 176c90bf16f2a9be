#include "auth/access_token.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "auth/base64url.h"
#include "core/json.h"

namespace instapay::auth {
namespace {

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > kTokenMax_bytes) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const Parts parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                    token.substr(second + 1), token.substr(0, second)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) {
    return std::nullopt;
  }
  return parts;  // a third dot is left in the signature, where base64url refuses it
}

// Duplicate members are refused by parse_json, so header and claims mean one thing only.
std::optional<Json> parse_object(std::string_view encoded) {
  const auto text = base64url_decode(encoded);
  if (!text) return std::nullopt;
  auto value = parse_json(*text);
  if (!value || value->kind != Json::Kind::object) return std::nullopt;
  return *std::move(value);
}

std::string_view text_of(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  if (value == nullptr || value->kind != Json::Kind::string) return {};
  return value->text;
}

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

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

bool header_acceptable(const Json& header) {
  // One algorithm, never taken from the token (RFC 8725 §3.1); `crit` names extensions, and we
  // understand none (RFC 7515 §4.1.11).
  if (text_of(header, "alg") != "ES256" || header.find("crit") != nullptr) return false;
  // RFC 9068 §4: both forms of the media type.
  const std::string_view type = text_of(header, "typ");
  return equal_ignoring_case(type, "at+jwt") || equal_ignoring_case(type, "application/at+jwt");
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
  std::string header;
  JsonWriter(header)
      .begin_object()
      .field("alg", "ES256")
      .field("typ", "at+jwt")
      .field("kid", keys.kid())
      .end_object();
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
  std::string token = base64url_encode(header);
  token.append(".").append(base64url_encode(payload));
  const std::string signature = keys.sign(token);
  return token.append(".").append(base64url_encode(signature));
}

std::expected<Claims, TokenError> verify_access_token(std::string_view token, const KeySet& keys,
                                                      std::int64_t now_s,
                                                      const TokenExpectations& expected) {
  const auto invalid = std::unexpected(TokenError::invalid);
  const auto parts = split(token);
  if (!parts) return invalid;
  const auto header = parse_object(parts->header);
  if (!header || !header_acceptable(*header)) return invalid;
  const auto signature = base64url_decode(parts->signature);
  if (!signature || !keys.verify(text_of(*header, "kid"), parts->signed_text, *signature)) {
    return invalid;
  }

  const auto payload = parse_object(parts->payload);
  if (!payload || text_of(*payload, "iss") != expected.issuer ||
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

std::string token_kid(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return {};
  const auto header = parse_object(parts->header);
  if (!header || !header_acceptable(*header)) return {};
  const std::string_view kid = text_of(*header, "kid");
  return kid.size() <= kKidMax_bytes ? std::string(kid) : std::string();
}

}  // namespace instapay::auth
