#include "net/page.h"
#include "transaction/handlers/handlers.h"
#include "transaction/prove.h"

namespace instapay::transaction {

net::Reply get_receipt(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  net::QueryReader query(request);
  const bool own = query.choice("show", {"own", "nothing"}, "own") == "own";
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto receipt = co_await prove(service, *id, *request.principal, own);
  if (!receipt) co_return fail(receipt.error());
  co_return net::Response{200, "application/jose", sign_receipt(*receipt, service.receipt_keys)};
}

}  // namespace instapay::transaction
