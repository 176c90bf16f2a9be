#include "user/handlers/handlers.h"
#include "user/notice_settings.h"

namespace instapay::user {

net::Reply get_notice_settings(Service& service, net::Request& request) {
  const auto rows = co_await service.db.query(queries::user::find_notice_settings,
                                              pg::Params().add(request.principal->user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return notice_settings_answer(rows->empty() ? default_notice_settings() : rows->front(),
                                   service.config);
}

}  // namespace instapay::user
