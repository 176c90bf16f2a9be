#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {

net::Reply cancel_schedule(Service& service, net::Request& request) {
  return change_schedule(service, request, queries::transaction::cancel_schedule,
                         ScheduleState::cancelled);
}

}  // namespace instapay::transaction
