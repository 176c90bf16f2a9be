#pragma once
// What login and refresh answer, and the two ways a refresh token travels: in the JSON body, or for
// browsers (`X-Session-Transport: cookie`) in a cookie that no script can read.
#include <string>

#include "core/factor.h"
#include "core/fields.h"
#include "net/http.h"
#include "user/account.h"
#include "user/service.h"

namespace instapay::user {

bool wants_cookie(const net::Request& request);

/// X-Session-Transport may be absent or `cookie`.
void check_transport(const net::Request& request, Fields& fields);

/// The refresh token from the cookie or from the field `refreshToken`; empty when there is no
/// cookie. Mistakes stay in `fields`.
std::string read_refresh_token(const net::Request& request, Fields& fields);

struct Session {
  Uuid id;
  std::string refresh_token;
  std::int64_t left_s;  // of its absolute life
  FactorState factors;
};

/// From eight columns: factor_version, enrolled, factor, factor_at, step_up_above,
/// step_up_new_payees, pin_proven_at, pin_per_payment.
FactorState read_factor_state(const pg::Rows& rows, int row, int first_column);

struct AccessToken {
  std::string text;
  std::int64_t expires_in_s;
};
AccessToken make_access_token(const Service& service, const Uuid& user, Role role,
                              const Uuid& session, std::int64_t left_s, const FactorState& factors);

/// 200 with a new access token. A browser is a known device from now on.
net::Response session_answer(const Service& service, const net::Request& request, const User& user,
                             const Session& session);

/// Forgets the cookie, if that is how the token came.
void clear_cookie(const net::Request& request, net::Response& response);

}  // namespace instapay::user
