#include "user/client_login.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/client_assertion.h"
#include "auth/client_secret.h"
#include "core/time.h"
#include "queries.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

using ClientRows = pg::TypedRows<queries::user::FindServiceClientRow>;
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// What was presented. `id` is what it says to be, until that is checked.
struct Presented {
  Uuid id;
  std::string secret, assertion;  // one of the two
};

// The same for whoever is not known, whatever is wrong: what exactly would only help a thief.
TokenRefusal refused() {
  return {"invalid_client", "The client is not known, or what it presented is not good."};
}

TokenRefusal ended() {
  return {"unauthorized_client", "The service account has ended, or its wallet is frozen."};
}

// Credentials of Basic: form-encoded, joined by a colon, in Base64 (RFC 6749 §2.3.1).
std::optional<std::pair<std::string, std::string>> read_basic(std::string_view header) {
  constexpr std::string_view kScheme = "Basic ";
  if (header.size() < kScheme.size() ||
      !net::equal_ignoring_case(header.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  std::string base64(header.substr(kScheme.size()));
  while (base64.ends_with('=')) base64.pop_back();
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  const auto text = auth::base64url_decode(base64);
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  auto id = net::percent_decode(std::string_view(*text).substr(0, colon), true);
  auto secret = net::percent_decode(std::string_view(*text).substr(colon + 1), true);
  if (!id || !secret) return std::nullopt;
  return std::pair(*std::move(id), *std::move(secret));
}

std::expected<Presented, TokenRefusal> read_presented(const net::Request& request,
                                                      const net::Form& form) {
  const bool by_header = request.has_header("Authorization");
  const bool by_secret = form.has("client_secret");
  const bool by_assertion = form.has("client_assertion") || form.has("client_assertion_type");
  if (int{by_header} + int{by_secret} + int{by_assertion} > 1)
    return std::unexpected(
        TokenRefusal{"invalid_request", "Prove the client in one way, not in several."});
  Presented presented;
  std::optional<Uuid> id;
  if (by_header) {
    const auto basic = read_basic(request.header("Authorization"));
    if (!basic) return std::unexpected(refused());
    id = Uuid::parse(basic->first);
    presented.secret = basic->second;
  } else if (by_secret) {
    id = Uuid::parse(form.field("client_id"));
    presented.secret = form.field("client_secret");
  } else if (by_assertion) {
    if (form.field("client_assertion_type") != kAssertionType) return std::unexpected(refused());
    presented.assertion = form.field("client_assertion");
    id = auth::claimed_client(presented.assertion);
  }
  // Who also names the client in the body names the same one.
  const bool differs = form.has("client_id") && Uuid::parse(form.field("client_id")) != id;
  if (!id || differs) return std::unexpected(refused());
  presented.id = *id;
  return presented;
}

// The credential whose secret it is.
std::optional<Uuid> match_secret(const ClientRows& rows, std::string_view secret) {
  const auto hash = auth::hash_client_secret(secret);
  if (!hash) return std::nullopt;
  std::optional<Uuid> found;
  for (const auto& row : rows) {
    if (row.secret_hash && auth::equal_hashes(*hash, *row.secret_hash)) found = row.credential_id;
  }
  return found;
}

struct Asserted {
  Uuid credential;
  Hash256 hash{};  // of the client and its jti: each is used once
  std::int64_t good_until_us = 0;
};

std::optional<Asserted> match_assertion(const Service& service, const ClientRows& rows,
                                        const Presented& presented) {
  std::vector<auth::PublicKey> keys;
  std::vector<Uuid> credentials;
  for (const auto& row : rows) {
    if (!row.public_key) continue;
    const auto jwk = parse_json(*row.public_key);
    auto key = jwk ? auth::read_client_key(*jwk) : std::unexpected(std::string("is no JSON"));
    if (!key) continue;
    keys.push_back(*std::move(key));
    credentials.push_back(row.credential_id);
  }
  const std::string& issuer = service.config.public_url;
  const std::string audiences[] = {issuer, issuer + std::string(kTokenPath)};
  const auto checked = auth::verify_client_assertion(presented.assertion, presented.id, keys,
                                                     audiences, now_us() / kSecond_us);
  if (!checked) {
    log::info("client assertion refused", {{"instapay.service_account", presented.id.to_string()},
                                           {"error.message", checked.error()}});
    return std::nullopt;
  }
  return Asserted{
      credentials.at(checked->key),
      HashInput().text("client assertion").bytes(presented.id.bytes).text(checked->id).hash(),
      (checked->expires_at_s + auth::kAssertionLifeMax_s) * kSecond_us};
}

}  // namespace

Task<Result<std::expected<Client, TokenRefusal>>> authenticate_client(Service& service,
                                                                      const net::Request& request,
                                                                      const net::Form& form) {
  using Answer = std::expected<Client, TokenRefusal>;
  const auto presented = read_presented(request, form);
  if (!presented) co_return Answer(std::unexpected(presented.error()));
  const auto rows = co_await service.db.query(queries::user::find_service_client,
                                              pg::Params().add(presented->id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  std::optional<Asserted> asserted;
  std::optional<Uuid> credential;
  if (presented->assertion.empty()) {
    credential = match_secret(*rows, presented->secret);
  } else if (asserted = match_assertion(service, *rows, *presented); asserted) {
    credential = asserted->credential;
  }
  if (!credential) co_return Answer(std::unexpected(refused()));
  const auto found = rows->front();
  if (!found.live) co_return Answer(std::unexpected(ended()));
  const auto scopes = parse_scopes(found.scopes);
  if (!scopes) co_return Answer(std::unexpected(refused()));
  pg::Params params;
  params.add(presented->id).add(*credential);
  if (asserted) {
    params.add_bytes(asserted->hash).add_time(asserted->good_until_us);
  } else {
    params.add_null().add_null();
  }
  const Machine machine{presented->id, found.wallet_id, *scopes};
  const auto used =
      co_await service.db.query(queries::user::use_service_credential, std::move(params));
  if (!used) co_return fail(pg::to_error(used.error()));
  if (used->empty() || !used->front().was_first) co_return Answer(std::unexpected(refused()));
  const auto left_s = used->front().left_s;
  if (left_s && *left_s < 1) co_return Answer(std::unexpected(ended()));
  co_return Answer(Client{machine, *credential, left_s});
}

}  // namespace instapay::user
