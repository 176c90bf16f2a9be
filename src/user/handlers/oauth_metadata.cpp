#include "user/client_login.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

void write_list(JsonWriter& json, std::string_view name,
                const std::vector<std::string_view>& values) {
  json.key(name).begin_array();
  for (const std::string_view value : values) json.value(value);
  json.end_array();
}

}  // namespace

// RFC 8414.
net::Reply oauth_metadata(Service& service, net::Request&) {
  const std::string& issuer = service.config.public_url;
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("issuer", issuer);
  json.field("token_endpoint", issuer + std::string(kTokenPath));
  json.field("jwks_uri", issuer + "/.well-known/jwks.json");
  write_list(json, "scopes_supported", names_of(kEveryScope));
  write_list(json, "response_types_supported", {});
  write_list(json, "grant_types_supported", {"client_credentials"});
  write_list(json, "token_endpoint_auth_methods_supported",
             {"client_secret_basic", "client_secret_post", "private_key_jwt"});
  write_list(json, "token_endpoint_auth_signing_alg_values_supported", {"RS256", "ES256", "EdDSA"});
  json.field("service_documentation", issuer + "/docs").end_object();
  response.header("Cache-Control", "public, max-age=300");
  co_return response;
}

}  // namespace instapay::user
