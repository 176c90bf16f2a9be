#include "queries.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply renew_recovery_codes(Service& service, net::Request& request) {
  if (auto proven = co_await prove_for_factor_change(service, request); !proven)
    co_return fail(std::move(proven.error()));
  const Uuid& id = request.principal->user_id;
  const RecoveryCodes codes = make_recovery_codes(id);
  pg::Params params;
  params.add(id);
  add_hashes(params, codes);
  const auto rows =
      co_await service.db.query(queries::user::replace_recovery_codes, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_factor();
  co_return recovery_codes_answer(codes);
}

}  // namespace instapay::user
