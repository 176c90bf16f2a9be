#include "core/email.h"
#include "core/fields.h"
#include "user/cookies.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/own_wallet.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

// Money is paid out by staff only: the rest goes to somebody's wallet.
Task<Result<std::optional<ledger::AccountId>>> find_payee(Service& service, Uuid closing,
                                                          std::optional<std::string> rest_to) {
  auto payee = co_await find_rest_payee(service, closing, {.rest_to = std::move(rest_to)});
  if (payee && *payee == ledger::kSettlementAccount)
    co_return fail(Code::payee_not_found, "Nobody is called so.");
  co_return payee;
}

}  // namespace

net::Reply close_wallet(Service& service, net::Request& request) {
  const auto body = net::json_body(request);
  if (!body) co_return fail(body.error());
  Fields fields(*body);
  auto rest_to = fields.optional_text("restTo", {.max_chars = kEmailMax_bytes});
  std::string password = fields.secret("password");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (request.principal->role != Role::user)
    co_return fail(Code::forbidden, "The wallet of staff is closed by another operator.");
  // A factor of the last minutes is also what a payment to somebody new may ask for.
  if (auto proven = co_await prove_owner(service, request, std::move(password)); !proven)
    co_return fail(std::move(proven.error()));
  const Uuid id = request.principal->user_id;
  const auto rest_payee = co_await find_payee(service, id, std::move(rest_to));
  if (!rest_payee) co_return fail(rest_payee.error());
  if (auto done = co_await close_own_wallet(service, request, *rest_payee); !done)
    co_return fail(std::move(done.error()));
  const auto user = co_await find_user(service.db, id);
  if (!user) co_return fail(user.error());
  net::Response response = user_response(200, *user, service.config.currency);
  if (!cookie_of(request, Cookie::refresh).empty())
    set_cookie(request, response, Cookie::refresh, "", 0);
  co_return response;
}

}  // namespace instapay::user
