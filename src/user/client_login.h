#pragma once
// How a service account proves itself to the token endpoint (RFC 6749 §2.3, RFC 7523 §2.2).
#include <optional>
#include <string>

#include "core/scope.h"
#include "net/form_body.h"
#include "user/service.h"

namespace instapay::user {

/// A refusal as RFC 6749 §5.2 names them.
struct TokenRefusal {
  std::string_view error;
  std::string description;
};

/// Where assertions are for, and what the metadata names: PUBLIC_URL, and this below it.
inline constexpr std::string_view kTokenPath = "/oauth/token";

/// Whom a token is for, and for how long at most.
struct Client {
  Machine machine;
  Uuid credential;
  std::optional<std::int64_t> left_s;
};

/// Tells how the program proves itself, finds the account and checks it; the credential counts as
/// used from then on. The error is one of the database.
Task<Result<std::expected<Client, TokenRefusal>>> authenticate_client(Service& service,
                                                                      const net::Request& request,
                                                                      const net::Form& form);

}  // namespace instapay::user
