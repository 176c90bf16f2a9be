#include "user/sessions.h"

namespace instapay::user {

void write_session(JsonWriter& json, const queries::user::ListSessionsRow& session, bool current) {
  json.begin_object().field("id", session.id);
  json.field_or_null("userAgent", session.user_agent);
  json.field_or_null("address", session.address);
  json.key("createdAt").time(session.created_at);
  json.key("lastUsedAt").time(session.last_used_at);
  json.key("expiresAt").time(session.expires_at);
  json.field_or_null("factor", session.factor.value_or(""));
  json.key("factorAt").time_or_null(session.factor_at);
  json.field("current", current).end_object();
}

}  // namespace instapay::user
