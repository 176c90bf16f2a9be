#include "net/page.h"
#include "user/approvals.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply list_approvals(Service& service, net::Request& request) {
  net::QueryReader query(request);
  const net::Page page = query.page();
  const auto before = query.id_cursor(page);
  const std::string status =
      query.choice("status", {"open", "approved", "executed", "refused", "withdrawn", "expired"});
  if (auto error = query.finish()) co_return fail(std::move(*error));
  pg::Params params;
  params.add(before).add(status.empty() ? std::nullopt : std::optional(status));
  params.add(page.limit + 1);
  const auto rows = co_await service.db.query(queries::user::list_approvals, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    write_approval(json, (*rows)[i], *request.principal);
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return (*rows)[i].id.to_string(); });
}

net::Reply get_approval(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  const auto rows = co_await find_approval(service, *id);
  if (!rows) co_return fail(rows.error());
  co_return approval_response(200, rows->front(), *request.principal);
}

}  // namespace instapay::user
