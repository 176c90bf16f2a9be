#pragma once
// Sessions as the list of them and the export show them.
#include "core/json.h"
#include "queries/user.h"

namespace instapay::user {

/// As SessionInfo of the API has it.
void write_session(JsonWriter& json, const queries::user::ListSessionsRow& session, bool current);

}  // namespace instapay::user
