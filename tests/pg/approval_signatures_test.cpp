// What staff have signed, in the database: whose it may be, which entries may name it, and that it
// stays; and what is adjusted alone on a day.
#include <fmt/format.h>

#include "core/sha256.h"
#include "ledger/domain/proposal_step.h"
#include "pg/users.h"
#include "transaction/proposal_proof.h"

namespace instapay::testing {
namespace {

constexpr auto kDenied = "42501", kFinal = "IP002", kUnsound = "IP007", kUntold = "IP013",
               kCheck = "23514", kTaken = "23505", kNotAllowed = "IP012";
constexpr std::string_view kPayload = R"({"amount":5.00,"reason":""})";

std::string bytea_of(std::string_view bytes) {
  return "'\\x" + to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}) +
         "'::bytea";
}
std::string bytea_of(const Hash256& hash) { return "'\\x" + to_hex(hash) + "'::bytea"; }

struct Desk {
  pg::Connection users = Database::connect("user");
  pg::Connection owner = Database::connect();
  Uuid customer = make_user(users, unique_name("customer"));
  Uuid proposer = staff(), approver = staff();
  Uuid proposal = Uuid::v7(now_us());
  transaction::PaymentAuthorization proof{.relying_party = "pay.example.com",
                                          .credential_id = approver.to_string(),
                                          .public_key = "key",
                                          .client_data = "{}",
                                          .authenticator_data = std::string(37, 'a'),
                                          .signature = "signature"};

  Uuid staff() {
    const Uuid id = make_user(users, unique_name("staff"));
    sql(owner, "test/role", "UPDATE users SET role = 'operator' WHERE id = $1::uuid RETURNING 1",
        pg::Params().add(id));
    return id;
  }

  std::string member(std::string_view status, const std::vector<Hash256>& signatures) const {
    return "{" +
           ledger::member_of_step({.proposal = proposal,
                                   .kind = "adjustment",
                                   .status = std::string(status),
                                   .payload_hash = to_hex(sha256(kPayload)),
                                   .signatures = signatures}) +
           "}";
  }
  // What the ledger writes of a step, by hand.
  std::string control(std::string_view status, const Uuid& actor,
                      const std::vector<Hash256>& signatures = {}) const {
    return fmt::format(
        "INSERT INTO public.entries (account_id, transfer_id, counterparty_id, seq, "
        "counterparty_seq, amount, balance_after, held_after, sent_today, created_at, batch_seq, "
        "chain_id, position, kind, change, actor_id, reference) "
        "SELECT s.id, gen_random_uuid(), '{0}', s.seq + 1, 0, 0, s.balance, s.held, 0, now(), 1, "
        "1, "
        "0, 5, '{1}', '{0}', '{2}' FROM public.account_states s WHERE s.id = '{3}';",
        actor.to_string(), member(status, signatures), proposal.to_string(), customer.to_string());
  }
  std::string adjustment(std::string_view change, const Uuid& actor) const {
    return fmt::format(
        "INSERT INTO public.entries (account_id, transfer_id, counterparty_id, seq, "
        "counterparty_seq, amount, balance_after, held_after, sent_today, created_at, batch_seq, "
        "chain_id, position, kind, change, actor_id) "
        "SELECT h.id, '{}', h.other, coalesce(s.seq, 0) + 1, 1, h.amount, "
        "coalesce(s.balance, 0) + h.amount, 0, 0, now(), 1, 1, 0, 4, {}, '{}' "
        "FROM (VALUES ('00000000-0000-0000-0000-000000000002'::uuid, '{}'::uuid, -500::bigint), "
        "('{}', '00000000-0000-0000-0000-000000000002', 500)) AS h (id, other, amount) "
        "LEFT JOIN public.account_states s ON s.id = h.id;",
        Uuid::v7(now_us()).to_string(), change, actor.to_string(), customer.to_string(),
        customer.to_string());
  }
  std::string proposed() const {
    return fmt::format(
               "INSERT INTO approvals (id, kind, subject_id, payload, payload_hash, proposed_by, "
               "reason) VALUES ('{}', 'adjustment', '{}', {}, {}, '{}', '');",
               proposal.to_string(), customer.to_string(), bytea_of(kPayload),
               bytea_of(sha256(kPayload)), proposer.to_string()) +
           control("proposed", proposer);
  }
  std::string keep(std::string_view decision, const Uuid& signer) const {
    return keep(decision, signer, proof.hash());
  }
  std::string keep(std::string_view decision, const Uuid& signer, const Hash256& hash) const {
    return fmt::format(
        "INSERT INTO approval_signatures (hash, approval_id, decision, signer_id, relying_party, "
        "credential_id, public_key, client_data, authenticator_data, signature) "
        "VALUES ({}, '{}', '{}', '{}', '{}', {}, {}, {}, {}, {});",
        bytea_of(hash), proposal.to_string(), decision, signer.to_string(), proof.relying_party,
        bytea_of(proof.credential_id), bytea_of(proof.public_key), bytea_of(proof.client_data),
        bytea_of(proof.authenticator_data), bytea_of(proof.signature));
  }
  std::string executed() const {
    return fmt::format("SELECT execute_approval('{}', '{}');", proposal.to_string(),
                       approver.to_string());
  }
  // All that a signed approval does.
  std::string approved() const {
    return proposed() + executed() + keep("approved", approver) +
           control("approved", approver, {proof.hash()});
  }
  std::string named(std::string_view status = "executed") const {
    return "'" + member(status, {proof.hash()}) + "'";
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

TEST(ApprovalSignatures, AreTheApproversOwnAndTold) {
  Desk d;
  EXPECT_EQ(d.state_of("user", d.approved()), "");
  const std::string begun = d.proposed() + d.executed();
  EXPECT_EQ(d.state_of("user",
                       begun + d.keep("approved", d.approver) + d.control("approved", d.approver)),
            kUntold)
      << "no entry names it";
  EXPECT_EQ(d.state_of("user", begun + d.keep("approved", d.proposer) +
                                   d.control("approved", d.approver, {d.proof.hash()})),
            kUntold)
      << "another one's";
  EXPECT_EQ(d.state_of("user", d.proposed() + d.keep("approved", d.approver) +
                                   d.control("approved", d.approver, {d.proof.hash()})),
            kUntold)
      << "nobody has approved";
  EXPECT_EQ(d.state_of("user", begun + d.control("approved", d.approver, {d.proof.hash()})),
            kUnsound)
      << "it is not kept";
}

TEST(ApprovalSignatures, AreTheProposersWhileItIsOpen) {
  Desk d;
  const std::string signs = d.keep("proposed", d.proposer);
  const std::string tells = d.control("signed", d.proposer, {d.proof.hash()});
  EXPECT_EQ(d.state_of("user", d.proposed() + signs + tells), "");
  EXPECT_EQ(d.state_of("user", d.proposed() + signs), kUntold);
  EXPECT_EQ(d.state_of("user", d.proposed() + d.keep("proposed", d.approver) +
                                   d.control("signed", d.approver, {d.proof.hash()})),
            kUntold);
  EXPECT_EQ(d.state_of("user", d.proposed() + d.executed() + d.control("approved", d.approver) +
                                   signs + tells),
            kUntold)
      << "it is decided";
  const std::string demoted =
      fmt::format("UPDATE users SET role = 'support' WHERE id = '{}';", d.proposer.to_string());
  EXPECT_EQ(d.state_of("", d.proposed() + demoted + signs + tells), kUntold)
      << "who may not do it any more";
  EXPECT_EQ(d.state_of("user", d.proposed() + signs + signs), kTaken);
  EXPECT_EQ(d.state_of("user", d.proposed() + d.keep("refused", d.approver)), kCheck);
}

TEST(ApprovalSignatures, AdjustmentsNameThoseOfTheirProposal) {
  Desk d;
  EXPECT_EQ(d.state_of("user", d.approved() + d.adjustment(d.named(), d.proposer)), "");
  EXPECT_EQ(d.state_of("user", d.approved() + d.adjustment("NULL", d.proposer)), "");
  EXPECT_EQ(d.state_of("user", d.approved() + d.adjustment(d.named(), d.approver)), kUnsound)
      << "not its proposer's";
  EXPECT_EQ(d.state_of("user", d.adjustment(d.named(), d.proposer)), kUnsound);
  EXPECT_EQ(d.state_of("user", d.approved() + d.adjustment(d.named("approved"), d.proposer)),
            kUnsound);
  const std::string open = d.proposed() + d.keep("proposed", d.proposer) +
                           d.control("signed", d.proposer, {d.proof.hash()});
  EXPECT_EQ(d.state_of("user", open + d.adjustment(d.named(), d.proposer)), kUnsound)
      << "not carried out";
  for (const std::string& text :
       {std::string("'{}'"), std::string("'x'"), "'" + d.member("executed", {}) + "'",
        "'" + d.member("executed", {d.proof.hash(), sha256("other")}) + "'",
        "'" + d.member("executed", {sha256("other")}) + "'"})
    EXPECT_EQ(d.state_of("user", d.approved() + d.adjustment(text, d.proposer)), kUnsound) << text;
  Desk other;
  EXPECT_EQ(d.state_of("user", d.approved() + other.proposed() +
                                   d.adjustment(other.named(), other.proposer)),
            kUnsound);
}

TEST(ApprovalSignatures, AreOfOneAdjustmentOfTheTransactionThatCarriesItOut) {
  Desk d;
  const std::string done = d.adjustment(d.named(), d.proposer);
  EXPECT_EQ(d.state_of("user", d.approved() + done + d.adjustment("NULL", d.proposer)), "");
  EXPECT_EQ(d.state_of("user", d.approved() + done + d.adjustment(d.named(), d.proposer)), kUnsound)
      << "a second one";
  EXPECT_EQ(d.state_of("user", d.approved() + done + "SAVEPOINT between;" +
                                   d.adjustment("NULL", d.proposer) + "RELEASE between;" +
                                   d.adjustment(d.named(), d.proposer)),
            kUnsound)
      << "a second one, behind what a subtransaction has written";
  // A subtransaction has an id of its own, as an earlier transaction has.
  const std::string earlier = d.proposed() + "SAVEPOINT earlier;" + d.executed() +
                              "RELEASE earlier;" + d.keep("approved", d.approver) +
                              d.control("approved", d.approver, {d.proof.hash()});
  EXPECT_EQ(d.state_of("user", earlier), "");
  EXPECT_EQ(d.state_of("user", earlier + done), kUnsound) << "it was carried out before";
}

TEST(ApprovalSignatures, ReceiptsShowOfExecutedProposalsOnly) {
  Desk d;
  const std::string shown = fmt::format(
      "SELECT 1 / count(*) FROM executed_proposals WHERE id = '{}';", d.proposal.to_string());
  EXPECT_EQ(d.state_of("", d.approved() + shown), "");
  EXPECT_EQ(d.state_of("", d.proposed() + shown), "22012") << "it is open";
}

TEST(ApprovalSignatures, StayAsTheyWereSigned) {
  Desk d;
  const std::string where = fmt::format(" WHERE approval_id = '{}'", d.proposal.to_string());
  const std::string kept = d.approved();
  EXPECT_EQ(d.state_of("", kept + "UPDATE approval_signatures SET created_at = now()" + where),
            kFinal);
  EXPECT_EQ(d.state_of("", kept + "DELETE FROM approval_signatures" + where), kFinal);
  EXPECT_EQ(d.state_of("", "TRUNCATE approval_signatures"), kFinal);
  for (const auto* change :
       {"UPDATE approval_signatures SET signature = 'x'", "DELETE FROM approval_signatures"})
    for (const auto* role : {"user", "transaction", "reporting"})
      EXPECT_EQ(d.state_of(role, change + where), kDenied) << role << ' ' << change;
  EXPECT_EQ(d.state_of("transaction", "SELECT signature FROM approval_signatures"), "");
  EXPECT_EQ(d.state_of("transaction", "SELECT payload, subject_id FROM executed_proposals"), "");
  EXPECT_EQ(d.state_of("transaction", "SELECT payload FROM approvals"), kDenied);
  EXPECT_EQ(d.state_of("reporting", "SELECT payload FROM executed_proposals"), kDenied);
  EXPECT_EQ(d.state_of("transaction", d.keep("approved", d.approver)), kDenied);
  EXPECT_EQ(d.state_of("reporting", "SELECT hash FROM approval_signatures"), kDenied);
  EXPECT_EQ(d.state_of("user", d.proposed() + d.keep("proposed", d.proposer, sha256("other"))),
            kCheck)
      << "the hash is that of what was signed";
}

// The production audit has these memberships and no others (deploy/postgres/roles.sh).
TEST(ApprovalSignatures, AreReadByTheAudit) {
  Desk d;
  const std::string audit =
      "CREATE ROLE audit_probe; GRANT instapay_reporting, instapay_jobs TO audit_probe; "
      "SET LOCAL ROLE audit_probe;";
  EXPECT_EQ(d.state_of("", audit + "SELECT s.approval_id, authorization_hash(s.relying_party, "
                                   "s.credential_id, s.public_key, s.client_data, "
                                   "s.authenticator_data, s.signature) FROM approval_signatures s "
                                   "WHERE s.hash = sha256('')"),
            "");
  EXPECT_EQ(
      d.state_of("", audit + "SELECT a.hash FROM payment_authorizations a JOIN users u ON u.id = "
                             "a.payer_id WHERE u.erased_at IS NULL"),
      "");
  EXPECT_EQ(d.state_of("", audit + "SELECT signature FROM payment_authorizations"), kDenied);
  EXPECT_EQ(d.state_of("", audit + "SELECT s.decision, s.signer_id, p.kind, p.subject_id, "
                                   "p.beneficiary_id, p.proposed_by, p.payload "
                                   "FROM approval_signatures s JOIN approvals p ON p.id = "
                                   "s.approval_id"),
            "");
  EXPECT_EQ(d.state_of("", audit + "SELECT reason FROM approvals"), kDenied);
}

TEST(ApprovalSignatures, AreGivenByAPasskeyOfTheirs) {
  Desk d;
  const std::string signs = fmt::format(
      "SELECT sign_approval('{}', '{}', 'approved', gen_random_uuid(), 1, false, '\\x00', 'x', "
      "'x', 'x', 'x')",
      d.proposal.to_string(), d.approver.to_string());
  EXPECT_EQ(d.state_of("user", signs), kCheck);
  EXPECT_EQ(d.state_of("user",
                       "SELECT sign_approval(NULL, NULL, 'approved', NULL, NULL, NULL, "
                       "NULL, NULL, NULL, NULL, NULL)"),
            "");
}

// An answer, and no failure when the transaction commits.
TEST(ApprovalSignatures, AreRefusedAtOnceToWhoMayNotProposeItAnyMore) {
  Desk d;
  const std::string signs = fmt::format(
      "SELECT sign_approval('{}', '{}', 'proposed', gen_random_uuid(), 1, false, '\\x00', 'x', "
      "'x', 'x', 'x');",
      d.proposal.to_string(), d.proposer.to_string());
  const std::string demoted =
      fmt::format("UPDATE users SET role = 'support' WHERE id = '{}';", d.proposer.to_string());
  EXPECT_EQ(d.state_of("user", d.proposed() + signs), kCheck) << "it is no passkey of theirs";
  EXPECT_EQ(d.state_of("", d.proposed() + demoted + signs), kNotAllowed);
}

TEST(AdjustmentSums, AreKeptByTheDatabaseAlone) {
  Desk d;
  const auto take = [&](const Uuid& by, const Uuid& whose, int size) {
    return fmt::format("SELECT take_adjustment('{}', '{}', {}, 100);", by.to_string(),
                       whose.to_string(), size);
  };
  EXPECT_EQ(d.state_of("user", take(d.proposer, d.customer, 100)), "");
  EXPECT_EQ(d.state_of("user", take(d.proposer, d.customer, 101)), kCheck);
  EXPECT_EQ(d.state_of("user", take(d.proposer, d.customer, 60) + take(d.proposer, d.approver, 41)),
            kCheck);
  EXPECT_EQ(d.state_of("user", take(d.proposer, d.customer, 60) + take(d.approver, d.customer, 41)),
            kCheck);
  EXPECT_EQ(d.state_of("user", take(d.proposer, d.customer, 60) + take(d.approver, d.customer, 40)),
            "");
  for (const auto* text : {"SELECT amount FROM adjustment_sums", "DELETE FROM adjustment_sums",
                           "UPDATE adjustment_sums SET amount = 1"})
    for (const auto* role : {"user", "transaction", "reporting"})
      EXPECT_EQ(d.state_of(role, text), kDenied) << role << ' ' << text;
  for (const auto* role : {"transaction", "reporting"})
    EXPECT_EQ(d.state_of(role, take(d.proposer, d.customer, 1)), kDenied);
}

}  // namespace
}  // namespace instapay::testing
