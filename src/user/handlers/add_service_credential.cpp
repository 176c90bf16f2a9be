#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {

// A second one, so that a program can change to it before the first is removed.
net::Reply add_service_credential(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string password = fields.secret("password");
  const NewCredential made = read_new_credential(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto proven = co_await prove_owner(service, request, std::move(password)); !proven)
    co_return fail(std::move(proven.error()));
  std::string change = R"("serviceAccount":)";
  JsonWriter(change).begin_object().field("credentialAdded", made.id).end_object();
  pg::Params params;
  params.add(*id).add(service_owner(request)).add(made.id);
  add_credential(params, made);
  if (auto done = co_await change_service_account(service, request, *id,
                                                  queries::user::add_service_credential,
                                                  std::move(params), std::move(change));
      !done)
    co_return fail(std::move(done.error()));
  co_return co_await service_account_answer(service, request, 201, *id, made.secret);
}

}  // namespace instapay::user
