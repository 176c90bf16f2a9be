#include "core/fields.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"
#include "transaction/schedules.h"

namespace instapay::transaction {

// The payer agrees once to what nobody asks them about later, so that it is asked now what a
// payment of the largest draw would be.
net::Reply accept_mandate(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string time_zone = fields.text("timeZone", {.max_chars = kZoneMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const net::Principal& payer = *request.principal;
  const auto mandate = co_await find_mandate(service, payer, *id);
  if (!mandate) co_return fail(mandate.error());
  if (mandate->is_payer(payer.user_id) && mandate->state == MandateState::proposed) {
    if (auto zone = co_await check_time_zone(service, time_zone); !zone)
      co_return fail(std::move(zone.error()));
    if (auto good =
            co_await check_payment(service, payer, mandate->payee.id, mandate->per_draw_minor);
        !good)
      co_return fail(std::move(good.error()));
  }
  co_return co_await change_mandate(service, payer, *id, queries::transaction::accept_mandate,
                                    pg::Params().add(*id).add(payer.user_id).add(time_zone),
                                    MandateState::active, &Mandate::is_payer);
}

}  // namespace instapay::transaction
