#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

// What a link shows to somebody who is signed in, and may pay it.
net::Reply get_request_by_code(Service& service, net::Request& request) {
  const auto rows = co_await service.db.query(queries::transaction::find_request_of_code,
                                              pg::Params().add(request.params.at(0)));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::request_not_found, "There is no such payment request.");
  co_return request_answer(200, read_request(*rows, 0), *request.principal,
                           service.config.currency);
}

}  // namespace instapay::transaction
