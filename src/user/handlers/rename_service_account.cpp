#include "core/limits.h"
#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {

net::Reply rename_service_account(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string name =
      fields.text("name", {.max_chars = kServiceAccountNameMax_chars, .kind = TextKind::name});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  std::string change = R"("serviceAccount":)";
  JsonWriter(change).begin_object().field("name", name).end_object();
  pg::Params params;
  params.add(*id).add(service_owner(request)).add(name);
  if (auto done = co_await change_service_account(service, request, *id,
                                                  queries::user::rename_service_account,
                                                  std::move(params), std::move(change));
      !done)
    co_return fail(std::move(done.error()));
  co_return co_await service_account_answer(service, request, 200, *id, "");
}

}  // namespace instapay::user
