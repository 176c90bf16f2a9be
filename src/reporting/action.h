#pragma once
// A row of the operators' log: who did what to whom, what was so before and what after, and why.
#include "core/csv.h"
#include "core/json.h"
#include "ledger/domain/transfer.h"
#include "pg/rows.h"

namespace instapay::reporting {

struct Action {
  std::int64_t at_us = 0;
  Uuid account, transfer_id, actor, refund_of;
  std::int64_t seq = 0;
  ledger::EntryKind kind = ledger::EntryKind::control;
  std::int64_t amount_minor = 0;  // what the account got; 0: the balance stayed
  std::string change, reason;     // change: JSON, amounts in minor units (ledger/domain/rules.cpp)
  std::string username, display_name, actor_username, actor_display_name;  // empty: nobody's
};

/// Of a row of list_actions.sql.
Action read_action(const pg::Rows& rows, int row);

void write_action(JsonWriter& json, const Action& action, Currency currency);
void write_action_titles(CsvWriter& csv);
void write_action(CsvWriter& csv, const Action& action, Currency currency);

}  // namespace instapay::reporting
