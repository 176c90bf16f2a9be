#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {

net::Reply pause_schedule(Service& service, net::Request& request) {
  return change_schedule(service, request, queries::transaction::pause_schedule,
                         ScheduleState::paused);
}

}  // namespace instapay::transaction
