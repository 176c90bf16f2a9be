#pragma once
// Service accounts, for who owns them: a wallet's owner, or operators for the platform
// (docs/decisions/0033). What a program proves itself with is in user/client_login.h.
#include <optional>
#include <string>

#include "core/fields.h"
#include "core/scope.h"
#include "net/http.h"
#include "queries.h"
#include "user/service.h"

namespace instapay::user {

/// Whose account a route is about: the wallet's that asks, or nobody's, the platform.
using ServiceOwner = std::optional<Uuid>;
ServiceOwner service_owner(const net::Request& request);

/// What a service account proves itself with: a new secret, or the public key of its own.
struct NewCredential {
  Uuid id;
  std::string secret;  // shown this once; empty when there is a key
  std::optional<Hash256> secret_hash;
  std::optional<std::string> public_key;  // as JWK
};
/// As statements take it: a secret's hash and a public key, one of them NULL.
void add_credential(pg::Params& params, const NewCredential& credential);
/// A new secret, or the key in the field `publicKey`. Mistakes stay in `fields`.
NewCredential read_new_credential(Fields& fields);

/// Runs a statement that ends with require_unchanged(). Of an account of the platform together with
/// an entry of the operators' log, which says `change`. Errors: service_account_not_found,
/// service_account_limit_exceeded, credential_limit_exceeded.
Task<Result<void>> change_service_account(Service& service, const net::Request& request,
                                          Uuid account, pg::Statement statement, pg::Params params,
                                          std::string change);

/// With their credentials. Error: service_account_not_found.
Task<Result<std::string>> service_account_json(Service& service, ServiceOwner owner, Uuid account);
Task<Result<std::string>> service_accounts_json(Service& service, ServiceOwner owner);

/// Without credentials: as exports have it.
void write_service_account(JsonWriter& json, const queries::user::ListServiceAccountsRow& account,
                           Currency currency);

/// 200 or 201 with {serviceAccount, clientSecret}.
Task<Result<net::Response>> service_account_answer(Service& service, const net::Request& request,
                                                   int status, Uuid account,
                                                   std::string client_secret);

}  // namespace instapay::user
