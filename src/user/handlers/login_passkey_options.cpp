#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {

// Names nobody: whose passkey it is, the authenticator says.
net::Reply login_passkey_options(Service& service, net::Request& /*request*/) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  co_return assertion_options(service, auth::ChallengePurpose::sign_in(), {});
}

}  // namespace instapay::user
