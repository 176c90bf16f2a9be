#include "user/push_subscriptions.h"

namespace instapay::user {

void write_push_subscription(JsonWriter& json, const queries::user::ListPushSubscriptionsRow& row,
                             const Uuid& session) {
  json.begin_object().field("id", row.id);
  json.field_or_null("userAgent", row.user_agent);
  json.key("createdAt").time(row.created_at);
  json.key("lastSuccessAt").time_or_null(row.last_success_at);
  json.field("current", row.session_id == session).end_object();
}

}  // namespace instapay::user
