// What payers have signed, in the database: whose entries may name it, and that it stays.
#include <fmt/format.h>

#include "core/sha256.h"
#include "pg/users.h"
#include "transaction/authorization.h"

namespace instapay::testing {
namespace {

constexpr auto kDenied = "42501", kFinal = "IP002", kUnsound = "IP007", kCheck = "23514";

std::string bytea_of(std::string_view bytes) {
  return "'\\x" + to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}) +
         "'::bytea";
}
std::string bytea_of(const Hash256& hash) { return "'\\x" + to_hex(hash) + "'::bytea"; }

struct Payment {
  pg::Connection users = Database::connect("user");
  Uuid payer = make_user(users, unique_name("payer"));
  Uuid payee = make_user(users, unique_name("payee"));
  transaction::PaymentAuthorization proof{.relying_party = "pay.example.com",
                                          .credential_id = payer.to_string(),
                                          .public_key = "key",
                                          .client_data = "{}",
                                          .authenticator_data = std::string(37, 'a'),
                                          .signature = "signature"};

  std::string keep(const Uuid& of, const Hash256& hash) const {
    return fmt::format(
        "INSERT INTO payment_authorizations (hash, payer_id, relying_party, credential_id, "
        "public_key, client_data, authenticator_data, signature) "
        "VALUES ({}, '{}', '{}', {}, {}, {}, {}, {});",
        bytea_of(hash), of.to_string(), proof.relying_party, bytea_of(proof.credential_id),
        bytea_of(proof.public_key), bytea_of(proof.client_data), bytea_of(proof.authenticator_data),
        bytea_of(proof.signature));
  }
  // Two entries: who has `seq` - 1 of them gets the next.
  static std::string entries(const std::string& payer, const std::string& payee, int kind,
                             std::string_view change, std::string_view key) {
    return fmt::format(
        "INSERT INTO public.entries (account_id, transfer_id, counterparty_id, seq, "
        "counterparty_seq, amount, balance_after, held_after, sent_today, created_at, batch_seq, "
        "chain_id, position, kind, change, idempotency_key, request_hash) "
        "SELECT h.id, gen_random_uuid(), h.other, coalesce(s.seq, 0) + 1, 1, h.amount, "
        "coalesce(s.balance, 0) + h.amount, 0, 0, now(), 1, 1, 0, {}, {}::text, "
        "CASE WHEN h.amount < 0 THEN {}::bytea END, CASE WHEN h.amount < 0 THEN {}::bytea END "
        "FROM (VALUES ('{}'::uuid, '{}'::uuid, -5::bigint), ('{}', '{}', 5)) AS h (id, other, "
        "amount) LEFT JOIN public.account_states s ON s.id = h.id;",
        kind, change, key, key, payer, payee, payee, payer);
  }
  std::string granted() const {
    return entries("00000000-0000-0000-0000-000000000001", payer.to_string(), 3, "NULL", "NULL");
  }
  std::string paid(std::string_view change, int kind = 1,
                   std::string_view key = "gen_random_uuid()") const {
    const std::string bytes = key == "NULL" ? "NULL" : fmt::format("uuid_send({})", key);
    return granted() + entries(payer.to_string(), payee.to_string(), kind, change, bytes);
  }
  static std::string naming(const Hash256& hash) {
    return fmt::format(R"('{{"authorization":"{}"}}')", to_hex(hash));
  }

  // The SQLSTATE that the statements end with; nothing stays of them.
  static std::string state_of(const std::string& role, const std::string& sql) {
    auto db = Database::connect(role);
    if (!db.exec("BEGIN")) return "no transaction";
    auto done = db.exec(sql);
    if (done) done = db.exec("SET CONSTRAINTS ALL IMMEDIATE");
    std::ignore = db.exec("ROLLBACK");
    return done ? "" : done.error().sqlstate;
  }
};

TEST(PaymentAuthorizations, EntriesNameWhatTheirPayerHasSigned) {
  const Payment p;
  const Hash256 hash = p.proof.hash();
  const std::string kept = p.keep(p.payer, hash), of_payee = p.keep(p.payee, hash);
  for (const auto* role : {"transaction", "user"}) {
    EXPECT_EQ(p.state_of(role, kept + p.paid(p.naming(hash))), "");
    EXPECT_EQ(p.state_of(role, p.paid("NULL")), "");
    EXPECT_EQ(p.state_of(role, p.paid(p.naming(hash))), kUnsound) << "nobody has signed it";
    EXPECT_EQ(p.state_of(role, of_payee + p.paid(p.naming(hash))), kUnsound) << "the payee has";
    EXPECT_EQ(p.state_of(role, kept + p.paid(p.naming(sha256("other")))), kUnsound);
    EXPECT_EQ(p.state_of(role, kept + p.paid(p.naming(hash), 1, "NULL")), kUnsound) << "no key";
    EXPECT_EQ(p.state_of(role, kept + p.paid(p.naming(hash), 2)), kUnsound) << "a refund";
    for (const auto* text : {"'{}'", "'x'", "''"})
      EXPECT_EQ(p.state_of(role, kept + p.paid(text)), kUnsound) << text;
    const std::string more = fmt::format(R"('{{"authorization":"{}","x":1}}')", to_hex(hash));
    EXPECT_EQ(p.state_of(role, kept + p.paid(more)), kUnsound);
  }
}

TEST(PaymentAuthorizations, TheHashIsThatOfWhatWasSigned) {
  const Payment p;
  EXPECT_EQ(p.state_of("transaction", p.keep(p.payer, sha256("other"))), kCheck);
  Payment changed;
  const Hash256 hash = changed.proof.hash();
  changed.proof.signature = "another";
  EXPECT_EQ(changed.state_of("transaction", changed.keep(changed.payer, hash)), kCheck);
}

TEST(PaymentAuthorizations, WhatWasSignedStays) {
  const Payment p;
  const std::string kept = p.keep(p.payer, p.proof.hash());
  const std::string where = fmt::format(" WHERE payer_id = '{}'", p.payer.to_string());
  EXPECT_EQ(p.state_of("", kept + "UPDATE payment_authorizations SET created_at = now()" + where),
            kFinal);
  EXPECT_EQ(p.state_of("", kept + "DELETE FROM payment_authorizations" + where), kFinal);
  EXPECT_EQ(p.state_of("", "TRUNCATE payment_authorizations"), kFinal);
  for (const auto* role : {"transaction", "user"})
    EXPECT_EQ(p.state_of(role, kept + "DELETE FROM payment_authorizations" + where), kDenied);
  const std::string closed =
      fmt::format("UPDATE accounts SET status = 2 WHERE id = '{}';", p.payer.to_string());
  EXPECT_EQ(p.state_of("", kept + closed + "DELETE FROM payment_authorizations" + where), "")
      << "of a closed wallet it may go with the person";
  for (const auto* sql :
       {"SELECT hash FROM payment_authorizations", "SELECT public_key FROM passkeys"})
    EXPECT_EQ(p.state_of("reporting", sql), kDenied);
  EXPECT_EQ(p.state_of("transaction", "SELECT name FROM passkeys"), kDenied);
  EXPECT_EQ(p.state_of("transaction", "UPDATE passkeys SET public_key = 'x'"), kDenied);
}

}  // namespace
}  // namespace instapay::testing
