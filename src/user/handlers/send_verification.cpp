#include "core/time.h"
#include "mail/outbox.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {

net::Reply send_verification(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (*id != request.principal->user_id)
    co_return fail(Code::forbidden, "This mail is asked for by its reader only.");
  if (auto sends = require_mail(service); !sends) co_return fail(std::move(sends.error()));
  const std::string account = id->to_string();
  if (auto allowed = throttle_mail(service, {account, request.address, {}}); !allowed)
    co_return fail(std::move(allowed.error()));
  pg::Params params;
  params.add(*id).add(Uuid::v7(now_us())).add(mail::kVerifyLink_s);
  const auto rows = co_await service.db.query(queries::user::send_verification, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  if (rows->boolean(0, 0)) co_return net::Response::no_content();  // shown already
  co_return net::Response{202};
}

}  // namespace instapay::user
