#include "user/handlers/handlers.h"
#include "user/own_wallet.h"

namespace instapay::user {

// Asks for no password and no factor: whoever has lost a phone has to be quick, and lifting it
// does.
net::Reply freeze_wallet(Service& service, net::Request& request) {
  if (auto done = co_await freeze_own_wallet(service, request); !done)
    co_return fail(std::move(done.error()));
  co_return co_await get_me(service, request);
}

}  // namespace instapay::user
