#pragma once
// Holds as handlers share them: reading one and showing one.
#include "core/json.h"
#include "ledger/domain/hold.h"
#include "queries/transaction.h"
#include "transaction/requests.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// What a hold has come to, as clients are told it, in the order of ledger::HoldStatus. What is
/// open past its end has expired.
inline constexpr std::string_view kHoldStates[] = {"open", "captured", "released", "expired"};

/// A row of hold_details (db/migrations/0016_holds.sql).
struct HeldMoney {
  Uuid id;
  Person payer, payee;
  ledger::Hold hold;
  std::int32_t captures = 0;
  std::string note;
  std::int64_t created_us = 0;
  std::optional<std::int64_t> ended_us;

  bool is_side(const Uuid& user) const { return payer.id == user || payee.id == user; }
};
HeldMoney read_hold(const queries::transaction::FindHoldRow& row);

/// Error: hold_not_found, also where it is none of the viewer's business: its two sides and staff
/// see it.
Task<Result<HeldMoney>> find_hold(Service& service, const net::Principal& viewer, Uuid id);

/// The members of a Hold; the caller opens and closes the object.
void write_hold(JsonWriter& json, const HeldMoney& held, Currency currency);
net::Response hold_answer(int status, const HeldMoney& held, Currency currency);

}  // namespace instapay::transaction
