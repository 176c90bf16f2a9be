#include "queries.h"
#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

net::Reply add_block(Service& service, net::Request& request) {
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  const Uuid own = request.principal->user_id;
  if (*user == own) co_return fail(Code::forbidden, "You cannot block yourself.");
  auto known = co_await service.payees.find(PayeeDirectory::Name::of_id(*user));
  if (!known) co_return fail(std::move(known.error()));
  if (!*known) co_return fail(Code::user_not_found, "There is no such user.");
  const auto done =
      co_await service.db.query(queries::transaction::add_block, pg::Params().add(own).add(*user));
  if (!done && done.error().is(pg::kCheckViolation) && done.error().constraint == "blocks_a_person")
    co_return fail(Code::request_limit_exceeded,
                   "You can block at most " + std::to_string(kBlocksMax) + " people.");
  if (!done) co_return fail(pg::to_error(done.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::transaction
