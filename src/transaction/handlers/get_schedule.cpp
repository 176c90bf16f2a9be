#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {

net::Reply get_schedule(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto schedule = co_await find_schedule(service, *request.principal, *id);
  if (!schedule) co_return fail(schedule.error());
  const auto planned =
      co_await service.db.query(queries::transaction::list_planned,
                                pg::Params().add(*id).add(std::int32_t{kOccurrencesPlanned}));
  if (!planned) co_return fail(pg::to_error(planned.error()));
  const auto past = co_await service.db.query(
      queries::transaction::list_occurrences,
      pg::Params().add(*id).add(kFirstPage).add(std::int32_t{kOccurrencesShown}));
  if (!past) co_return fail(pg::to_error(past.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_schedule(json, *schedule, service.config.currency);
  json.key("planned").begin_array();
  for (const auto& row : *planned)
    json.begin_object().field("number", row.number).key("dueAt").time(row.due_at).end_object();
  json.end_array().key("occurrences").begin_array();
  for (const auto& row : *past)
    write_occurrence(json, read_occurrence(row), service.config.currency);
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::transaction
