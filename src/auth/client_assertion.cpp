#include "auth/client_assertion.h"

#include <algorithm>
#include <charconv>

#include "auth/access_token.h"
#include "auth/jws.h"

namespace instapay::auth {
namespace {

// None, the usual one, and that of the draft that succeeds RFC 7523. Never an access token's.
constexpr std::string_view kTypes[] = {"", "JWT", "client-authentication+jwt"};
// What only private and symmetric keys have (RFC 7518 §6, RFC 8037 §2).
constexpr std::string_view kPrivateMembers[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

std::optional<Algorithm> algorithm_of(const Json& jwk) {
  const std::string_view type = text_of(jwk, "kty"), curve = text_of(jwk, "crv");
  if (type == "RSA") return Algorithm::rs256;
  if (type == "EC" && curve == "P-256") return Algorithm::es256;
  if (type == "OKP" && curve == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

std::optional<Json> payload_of(const Jws& jws) {
  auto payload = parse_json(jws.payload);
  if (!payload || payload->kind != Json::Kind::object) return std::nullopt;
  return *std::move(payload);
}

// Libraries write fractions of a second too.
std::optional<std::int64_t> time_of(const Json& payload, std::string_view name) {
  const Json* value = payload.find(name);
  if (value == nullptr || value->kind != Json::Kind::number) return std::nullopt;
  const std::string_view whole = std::string_view(value->text).substr(0, value->text.find('.'));
  std::int64_t time_s = 0;
  const auto [stop, error] = std::from_chars(whole.data(), whole.data() + whole.size(), time_s);
  if (error != std::errc() || stop != whole.data() + whole.size() || time_s < 0)
    return std::nullopt;
  return time_s;
}

bool is_for(const Json& payload, std::span<const std::string> audiences) {
  const Json* value = payload.find("aud");
  if (value == nullptr) return false;
  const auto is_ours = [&](const Json& each) {
    return each.kind == Json::Kind::string &&
           std::ranges::find(audiences, each.text) != audiences.end();
  };
  // One alone: what is meant for another server too, that one could use here.
  if (value->kind == Json::Kind::array)
    return value->items.size() == 1 && is_ours(value->items.front());
  return is_ours(*value);
}

// Nullopt: what is in it is good at this time.
std::optional<std::string_view> fault_in_times(const Json& payload, std::int64_t now_s) {
  const auto expires = time_of(payload, "exp");
  if (!expires) return "it has no exp";
  if (*expires <= now_s) return "it has expired";
  if (*expires > now_s + kAssertionLifeMax_s + kClockSkewMax_s) return "it lives too long";
  for (const std::string_view name : {"iat", "nbf"}) {
    if (payload.find(name) == nullptr) continue;
    const auto time = time_of(payload, name);
    if (!time || *time > now_s + kClockSkewMax_s) return "it is not good yet";
  }
  return std::nullopt;
}

}  // namespace

std::expected<PublicKey, std::string> read_client_key(const Json& jwk) {
  if (jwk.kind != Json::Kind::object) return std::unexpected("is not a JWK");
  for (const std::string_view member : kPrivateMembers)
    if (jwk.find(member) != nullptr)
      return std::unexpected("has the private key in it: send the public half alone");
  const auto algorithm = algorithm_of(jwk);
  if (!algorithm) return std::unexpected("is neither RSA nor P-256 nor Ed25519");
  if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig")
    return std::unexpected("is not for signatures");
  if (jwk.find("alg") != nullptr && text_of(jwk, "alg") != name_of(*algorithm))
    return std::unexpected("is for another algorithm than " + std::string(name_of(*algorithm)));
  return PublicKey::from_jwk(jwk, *algorithm);
}

std::optional<Uuid> claimed_client(std::string_view assertion) {
  const auto jws = parse_jws_of(assertion, kTypes, kAssertionMax_bytes);
  const auto payload = jws ? payload_of(*jws) : std::nullopt;
  return payload ? Uuid::parse(text_of(*payload, "sub")) : std::nullopt;
}

std::expected<ClientAssertion, std::string_view> verify_client_assertion(
    std::string_view assertion, const Uuid& client, std::span<const PublicKey> keys,
    std::span<const std::string> audiences, std::int64_t now_s) {
  const auto jws = parse_jws_of(assertion, kTypes, kAssertionMax_bytes);
  if (!jws) return std::unexpected(jws.error());
  const auto signer = std::ranges::find_if(keys, [&](const PublicKey& key) {
    return key.algorithm() == jws->algorithm && key.verify(jws->signed_text, jws->signature);
  });
  if (signer == keys.end()) return std::unexpected("none of the account's keys signed it");
  const auto payload = payload_of(*jws);
  if (!payload) return std::unexpected("its payload is not a JSON object");
  if (Uuid::parse(text_of(*payload, "sub")) != client ||
      Uuid::parse(text_of(*payload, "iss")) != client)
    return std::unexpected("iss and sub are not the client");
  if (!is_for(*payload, audiences)) return std::unexpected("it is for another audience");
  if (const auto fault = fault_in_times(*payload, now_s)) return std::unexpected(*fault);
  const std::string_view id = text_of(*payload, "jti");
  if (id.empty() || id.size() > kAssertionIdMax_bytes)
    return std::unexpected("it has no jti of at most 128 bytes");
  return ClientAssertion{static_cast<std::size_t>(signer - keys.begin()), std::string(id),
                         *time_of(*payload, "exp")};
}

}  // namespace instapay::auth
