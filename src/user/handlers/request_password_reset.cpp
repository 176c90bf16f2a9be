#include "core/time.h"
#include "mail/outbox.h"
#include "queries.h"
#include "user/cookies.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {

// The same for an address that somebody has and for one that nobody has: one INSERT of one row, and
// no look at who it is.
net::Reply request_password_reset(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string email = read_email(fields, "email");
  const auto language = read_language(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto sends = require_mail(service); !sends) co_return fail(std::move(sends.error()));
  const std::string device =
      service.devices.find(cookie_of(request, Cookie::device), email, now_us() / kSecond_us);
  if (auto allowed = throttle_mail(service, {email, request.address, device}); !allowed)
    co_return fail(std::move(allowed.error()));

  pg::Params params;
  params.add(Uuid::v7(now_us())).add(email).add(language).add(mail::kResetLink_s);
  const auto asked =
      co_await service.db.query(queries::user::request_password_reset, std::move(params));
  if (!asked) co_return fail(pg::to_error(asked.error()));
  co_return net::Response{202};
}

}  // namespace instapay::user
