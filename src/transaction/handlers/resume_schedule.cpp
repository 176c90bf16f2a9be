#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {

net::Reply resume_schedule(Service& service, net::Request& request) {
  return change_schedule(service, request, queries::transaction::resume_schedule,
                         ScheduleState::active);
}

}  // namespace instapay::transaction
