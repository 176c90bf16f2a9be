#pragma once
// Users and transfers, straight into the tables, at the times that a test needs. Tests share a
// database whose entries cannot be removed: each keeps to a year of its own.
#include "core/time.h"
#include "pg/database.h"

namespace instapay::testing {

constexpr Uuid kSystemAccount = Uuid::reserved(1);

struct Made {
  Uuid id;
  std::int64_t at_us;
};

class Transfers {
 public:
  Transfers() : db_(Database::connect()) {}

  /// With money to spend, from long before the years that tests keep to.
  Uuid user(const std::string& name) {
    const Uuid id = Uuid::v7(now_us());
    pg::Params params;
    params.add(id).add(name).add(name + "@example.com");
    rows_of(db_.query({"test/user",
                       "WITH made AS (INSERT INTO users (id, username, email, display_name, "
                       "password_hash) VALUES ($1::uuid, $2::text, $3::text, $2::text, '-') "
                       "RETURNING id) INSERT INTO accounts (id, kind) SELECT id, 0 FROM made"},
                      params));
    transfer(kSystemAccount, id, 1'000'000, "1980-01-01T00:00:00Z", "", 3);
    return id;
  }

  /// kind: 1 transfer, 2 refund, 3 opening, 4 adjustment. In the order of time for each account.
  Made transfer(const Uuid& payer, const Uuid& payee, std::int64_t amount_minor,
                std::string_view at, std::string_view note = "", std::int16_t kind = 1) {
    const Made made{Uuid::v7(*parse_time(at)), *parse_time(at)};
    pg::Params params;
    params.add(made.id).add(payer).add(payee).add(amount_minor).add_time(made.at_us);
    params.add_int16(kind).add(note);
    rows_of(db_.query(
        {"test/transfer",
         "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq, "
         "amount, balance_after, sent_today, created_at, batch_seq, chain_id, position, kind, note)"
         " SELECT own.id, $1::uuid, other.id, own.seq + 1, other.seq + 1, m, own.balance + m, 0, "
         "$5::timestamptz, 1, 1, 0, $6::smallint, nullif($7::text, '') "
         "FROM (VALUES ($2::uuid, $3::uuid, -$4::bigint), ($3::uuid, $2::uuid, $4::bigint)) "
         "AS side (a, c, m) JOIN account_states own ON own.id = a "
         "JOIN account_states other ON other.id = c"},
        params));
    return made;
  }

 private:
  pg::Connection db_;
};

}  // namespace instapay::testing
