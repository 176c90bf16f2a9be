#pragma once
// Users and transfers, straight into the tables, at the times that a test needs. Tests share a
// database whose entries cannot be removed: each keeps to a year of its own.
#include <atomic>

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
  /// Each in a chain of its own.
  explicit Transfers(pg::Connection db = Database::connect()) : db_(std::move(db)) {
    static std::atomic<std::int32_t> chains = 70'000;
    chain_ = ++chains;
  }

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

  /// A batch of one. kind: 1 transfer, 2 refund, 3 opening, 4 adjustment. In the order of time for
  /// each account.
  Made transfer(const Uuid& payer, const Uuid& payee, std::int64_t amount_minor,
                std::string_view at, std::string_view note = "", std::int16_t kind = 1) {
    const Made made{Uuid::v7(*parse_time(at)), *parse_time(at)};
    pg::Params params;
    params.add(made.id).add(payer).add(payee).add(amount_minor).add_time(made.at_us);
    params.add_int16(kind).add(note).add(chain_).add(++batch_);
    rows_of(db_.query(
        {"test/transfer",
         "WITH batch AS (INSERT INTO ledger_batches SELECT $8::integer, $9::bigint, h, h, "
         "sha256(int8send($9)), 1, false, clock_timestamp(), h FROM sha256('x') AS h) "
         "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq, "
         "amount, balance_after, sent_today, created_at, batch_seq, chain_id, position, kind, note)"
         " SELECT own.id, $1::uuid, other.id, own.seq + 1, other.seq + 1, m, own.balance + m, 0, "
         "$5::timestamptz, $9, $8, 0, $6::smallint, nullif($7::text, '') "
         "FROM (VALUES ($2::uuid, $3::uuid, -$4::bigint), ($3::uuid, $2::uuid, $4::bigint)) "
         "AS side (a, c, m) JOIN account_states own ON own.id = a "
         "JOIN account_states other ON other.id = c"},
        params));
    return made;
  }

 private:
  pg::Connection db_;
  std::int32_t chain_ = 0;
  std::int64_t batch_ = 0;
};

}  // namespace instapay::testing
