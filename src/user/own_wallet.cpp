#include "user/own_wallet.h"

#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "queries.h"
#include "user/approvals.h"
#include "user/own_password.h"

namespace instapay::user {
namespace {

using ledger::AccountStatus;

// Freezing asks for nothing, so it is counted apart: each one mails, and is written for ever.
constexpr std::string_view kFreezing = "the button that freezes one's own wallet";

// Others who change the account at the same moment make it be read again.
constexpr int kAttemptsMax = 5;

ledger::Order own_status(const Uuid& owner, AccountStatus status) {
  ledger::Order order;
  order.payer = {owner};
  order.kind = ledger::EntryKind::control;
  order.actor = owner;
  order.control.status = status;
  return order;
}

Error closed() { return {Code::account_closed, "Your wallet is closed."}; }

Error frozen_by_staff() {
  return {Code::account_frozen,
          "Your wallet was frozen by whoever runs this platform, and only they lift that."};
}

// False: the wallet is not as it was read.
Task<Result<bool>> submit_own(Service& service, Uuid owner, std::vector<ledger::Order> orders,
                              pg::Statement prelude, pg::Params params) {
  const auto outcomes =
      co_await submit_action(service, owner, Actor{owner}, std::move(orders),
                             std::make_unique<ledger::PgPrelude>(prelude, std::move(params)));
  const ledger::Refusal* refusal = why_refused(outcomes);
  if (refusal == nullptr) co_return true;
  if (refusal->constraint == "changed_meanwhile") co_return false;
  co_return fail(explain_action(*refusal, service.config.currency));
}

Task<Result<bool>> submit_status(Service& service, Uuid owner, AccountStatus status,
                                 pg::Statement prelude, pg::Params params) {
  std::vector<ledger::Order> orders;
  orders.push_back(own_status(owner, status));
  co_return co_await submit_own(service, owner, std::move(orders), prelude, std::move(params));
}

Error busy() { return {Code::overloaded, "Others change your wallet just now; ask again."}; }

// `account` has to live as long as what points to it.
auth::LoginAttempt freezing_of(std::string_view account, const net::Request& request) {
  return {account, request.address, kFreezing};
}

Result<void> throttle_freezing(Service& service, std::string_view account,
                               const net::Request& request) {
  const std::int64_t wait_s =
      service.mail_throttle.begin_attempt(freezing_of(account, request), monotonic_us());
  if (wait_s == 0) return {};
  return fail({.code = Code::rate_limited,
               .detail = "The wallet was frozen too many times; wait a little.",
               .retry_after_s = static_cast<int>(wait_s)});
}

Error held(std::int64_t held_minor, Currency currency) {
  Error error = ledger::to_error(
      {.code = Code::balance_not_zero, .available = ledger::Amount{held_minor}}, currency);
  error.detail =
      "Of your money " + format_amount(held_minor, currency) + " " + std::string(currency.code) +
      " is set aside for others: the wallet can be closed when they have taken it, given "
      "it free, or it has run out.";
  return error;
}

}  // namespace

Task<Result<void>> freeze_own_wallet(Service& service, const net::Request& request) {
  const net::Principal who = *request.principal;
  const std::string account = who.user_id.to_string();
  for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
    const auto user = co_await find_user(service.db, who.user_id);
    if (!user) co_return fail(user.error());
    if (user->status == AccountStatus::closed) co_return fail(closed());
    if (user->status == AccountStatus::frozen)
      co_return co_await end_sessions_begun_before(service, who.user_id, who.session_id);
    if (attempts == 0)
      if (auto allowed = throttle_freezing(service, account, request); !allowed) co_return allowed;
    pg::Params params;
    params.add(who.user_id).add(who.session_id).add(service.config.sends_mails());
    const auto done = co_await submit_status(service, who.user_id, AccountStatus::frozen,
                                             queries::user::freeze_own_wallet, std::move(params));
    if (!done && done.error().code != Code::outcome_unknown)
      service.mail_throttle.abandoned(freezing_of(account, request), monotonic_us());
    if (!done) co_return fail(done.error());
    if (!*done) continue;
    // A sign-in that the statement waited for is not in its snapshot.
    co_return co_await end_sessions_begun_before(service, who.user_id, who.session_id);
  }
  co_return fail(busy());
}

Task<Result<void>> unfreeze_own_wallet(Service& service, const net::Request& request) {
  const net::Principal who = *request.principal;
  for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
    const auto user = co_await find_user(service.db, who.user_id);
    if (!user) co_return fail(user.error());
    if (user->status == AccountStatus::closed) co_return fail(closed());
    if (user->status == AccountStatus::active) co_return Result<void>();
    if (!user->frozen_by_owner.value_or(false)) co_return fail(frozen_by_staff());
    pg::Params params;
    params.add(who.user_id).add(service.config.sends_mails());
    const auto done = co_await submit_status(service, who.user_id, AccountStatus::active,
                                             queries::user::unfreeze_own_wallet, std::move(params));
    if (!done && done.error().code == Code::account_frozen) co_return fail(frozen_by_staff());
    if (!done) co_return fail(done.error());
    if (*done) co_return Result<void>();
  }
  co_return fail(busy());
}

Task<Result<void>> close_own_wallet(Service& service, const net::Request& request,
                                    std::optional<ledger::AccountId> rest_payee) {
  const net::Principal who = *request.principal;
  for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
    const auto user = co_await find_me(service.db, who.user_id);
    if (!user) co_return fail(user.error());
    if (user->role != Role::user)
      co_return fail(Code::forbidden, "The wallet of staff is closed by another operator.");
    if (user->status == AccountStatus::closed) co_return fail(closed());
    if (user->status == AccountStatus::frozen)
      co_return fail(user->frozen_by_owner.value_or(false)
                         ? Error{Code::account_frozen, "Unfreeze your wallet before you close it."}
                         : frozen_by_staff());
    const std::int64_t held_minor = user->held_minor.value_or(0);
    if (held_minor > 0) co_return fail(held(held_minor, service.config.currency));
    std::vector<ledger::Order> orders;
    if (rest_payee) {
      ledger::Order rest;
      rest.payer = {who.user_id};
      rest.payee = *rest_payee;
      rest.amount = ledger::kAllThatRemains;
      rest.all = true;
      orders.push_back(std::move(rest));
    }
    orders.push_back(own_status(who.user_id, AccountStatus::closed));
    pg::Params params;
    params.add(who.user_id).add(service.config.sends_mails());
    auto done = co_await submit_own(service, who.user_id, std::move(orders),
                                    queries::user::close_own_wallet, std::move(params));
    if (!done && done.error().code == Code::balance_not_zero && !rest_payee)
      done.error().detail += " Say in restTo where it goes.";
    if (!done) co_return fail(std::move(done.error()));
    if (!*done) continue;
    co_await service.revocations.catch_up();
    co_return Result<void>();
  }
  co_return fail(busy());
}

}  // namespace instapay::user
