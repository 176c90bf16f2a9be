#include "core/time.h"
#include "user/erasure.h"
#include "user/handlers/handlers.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

// Whether it could be done is asked again when it is approved.
Task<Result<net::Response>> propose_erasure(Service& service, net::Request& request, User user,
                                            Proposal proposal) {
  if (user.status != ledger::AccountStatus::closed || user.balance_minor != 0)
    co_return fail(Code::not_erasable, "The account is not closed and empty.");
  JsonWriter json(proposal.payload);
  json.begin_object().field("reason", proposal.reason).end_object();
  co_return co_await answer_proposed(service, request, std::move(proposal));
}

}  // namespace

net::Reply erase_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto erasure = read_erasure(*body);
  if (!erasure) co_return fail(erasure.error());
  const auto key = net::idempotency_key(request);
  if (!key) co_return fail(key.error());
  if (request.principal->user_id == *id)
    co_return fail(Code::forbidden, "You are erased by another operator.");
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  HashInput canonical = net::canonical_request(request);
  const Hash128 hash = net::request_hash(canonical.text(erasure->reason));
  auto earlier = co_await earlier_proposal(service, request, *key, hash);
  if (!earlier) co_return fail(std::move(earlier.error()));
  if (*earlier) co_return std::move(**earlier);
  if (service.config.approvals) {
    auto found = co_await find_user(service.db, *id);
    if (!found) co_return fail(std::move(found.error()));
    co_return co_await propose_erasure(service, request, std::move(*found),
                                       {.kind = ApprovalKind::erasure,
                                        .subject = *id,
                                        .reason = erasure->reason,
                                        .key = *key,
                                        .request_hash = hash});
  }
  auto erased = co_await erase_user(service.db, service.ledger, service.config.currency,
                                    id->to_string(), request.principal->user_id, erasure->reason);
  if (!erased) co_return fail(std::move(erased.error()));
  auto user = co_await find_user(service.db, *erased);
  if (!user) co_return fail(std::move(user.error()));
  co_return user_response(200, *user, service.config.currency);
}

}  // namespace instapay::user
