#pragma once
// For the tests of what payments refer to: requests and occurrences of schedules.
#include <fmt/format.h>

#include "pg/ledger_store_fixture.h"

namespace instapay::testing {

inline constexpr auto kUnique = "23505", kNotPayable = "IP008", kKept = "IP002", kCheck = "23514",
                      kDenied = "42501";

class PaidReferences : public LedgerStore {
 protected:
  // Both entries of a payment, by hand.
  static std::string paying(const AccountId& payer, const AccountId& payee, const Uuid& reference,
                            std::int64_t minor = 5) {
    return fmt::format(
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, reference, seq, "
        "counterparty_seq, amount, balance_after, sent_today, created_at, batch_seq, chain_id, "
        "position, kind) SELECT own, gen_random_uuid(), other, '{2}', seq + 1, 1, side, "
        "balance + side, 0, clock_timestamp(), 1, 1, 0, 1 FROM (VALUES ('{0}'::uuid, '{1}'::uuid, "
        "-{3}::bigint), ('{1}', '{0}', {3})) AS v (own, other, side) "
        "JOIN account_states ON id = own;",
        payer.to_string(), payee.to_string(), reference.to_string(), minor);
  }
  std::string state_of(const std::string& sql, const std::string& role = "transaction") const {
    return books_.state_of(role, sql);
  }
  static Request settling(const AccountId& payer, const AccountId& payee, const Uuid& reference,
                          std::int64_t minor = 5) {
    Request paid = Books::pay(payer, payee, minor);
    paid.orders[0].reference = reference;
    return paid;
  }

  AccountId c_ = books_.wallet(500);
};

}  // namespace instapay::testing
