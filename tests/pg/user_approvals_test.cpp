// Proposals in the database: what is written by hand as the service's role, or as the owner.
#include <fmt/format.h>

#include <deque>

#include "core/role.h"
#include "pg/users.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;
using testing::sql;
using testing::unique_name;

struct Office {
  pg::Connection db = Database::connect("user");
  pg::Connection owner = Database::connect();
  Uuid subject = testing::make_user(db, unique_name("subject"));
  Uuid heir = testing::make_user(db, unique_name("heir"));
  Uuid proposer = staff("operator"), approver = staff("operator");

  Uuid staff(std::string_view role) {
    const Uuid id = testing::make_user(db, unique_name("staff"));
    sql(owner, "test/role", "UPDATE users SET role = $2::text WHERE id = $1::uuid RETURNING 1",
        Params().add(id).add(role));
    return id;
  }
  // Names are kept as views, as long as the connection.
  static std::string state_of(pg::Connection& by, const std::string& text) {
    static std::deque<std::string> kept;
    kept.push_back("test/approvals" + std::to_string(kept.size()));
    const std::string& name = kept.emplace_back(kept.back());
    const std::string& statement = kept.emplace_back(text);
    const auto done = by.query({name, statement});
    return done ? "" : done.error().sqlstate;
  }
  std::string insert_text(const Uuid& id, std::string_view kind, const Uuid& by,
                          const Uuid& whose) const {
    return fmt::format(
        "INSERT INTO approvals (id, kind, subject_id, beneficiary_id, payload, payload_hash, "
        "proposed_by, reason) VALUES ('{}', '{}', '{}', '{}', '{{}}', sha256('{{}}'), '{}', '')",
        id.to_string(), kind, whose.to_string(), heir.to_string(), by.to_string());
  }
  // A row that the ledger would have told of.
  Uuid told(std::string_view kind = "adjustment") {
    const Uuid id = Uuid::v7(now_us());
    EXPECT_EQ(state_of(owner, "SET session_replication_role = replica"), "");
    EXPECT_EQ(state_of(owner, insert_text(id, kind, proposer, subject)), "");
    EXPECT_EQ(state_of(owner, "SET session_replication_role = origin"), "");
    return id;
  }
  std::string decide(const Uuid& id, std::string_view status, const Uuid& by) {
    return state_of(
        db, fmt::format("UPDATE approvals SET status = '{}', decided_by = '{}', "
                        "decided_at = now(){} WHERE id = '{}'",
                        status, by.to_string(), status == "executed" ? ", executed_at = now()" : "",
                        id.to_string()));
  }
};

constexpr auto kRefused = "IP012", kDenied = "42501", kCheck = "23514";

TEST(Approvals, AreNotWrittenWithoutTheBooks) {
  Office office;
  EXPECT_EQ(Office::state_of(office.db, office.insert_text(Uuid::v7(now_us()), "adjustment",
                                                           office.proposer, office.subject)),
            kRefused);
  const Uuid id = office.told();
  for (const char* status : {"executed", "approved", "refused"})
    EXPECT_EQ(office.decide(id, status, office.approver), kRefused) << status;
  EXPECT_EQ(office.decide(id, "withdrawn", office.proposer), kRefused);
}

TEST(Approvals, AreDecidedByWhoMayAndIsNotInvolved) {
  Office office;
  const Uuid id = office.told();
  for (const Uuid& by : {office.proposer, office.subject, office.heir})
    EXPECT_NE(office.decide(id, "executed", by), "");
  EXPECT_EQ(office.decide(id, "executed", office.proposer), kCheck);
  EXPECT_EQ(office.decide(id, "withdrawn", office.approver), kCheck);
  for (const char* role : {"user", "auditor", "support", "admin"})
    EXPECT_EQ(office.decide(id, "executed", office.staff(role)), kRefused) << role;
  const Uuid change = office.told("role");
  EXPECT_EQ(office.decide(change, "executed", office.staff("treasury")), kRefused);
  EXPECT_EQ(
      Office::state_of(office.db, office.insert_text(Uuid::v7(now_us()), "adjustment",
                                                     office.staff("support"), office.subject)),
      kRefused);
  EXPECT_EQ(Office::state_of(office.db, office.insert_text(Uuid::v7(now_us()), "adjustment",
                                                           office.proposer, office.proposer)),
            kCheck);
}

TEST(Approvals, StayWhatTheyWereMadeAs) {
  Office office;
  const std::string of = " WHERE id = '" + office.told().to_string() + "'";
  for (const char* change : {"payload = '{\"amount\":1}', payload_hash = sha256('{\"amount\":1}')",
                             "kind = 'role'", "subject_id = gen_random_uuid()",
                             "beneficiary_id = NULL", "proposed_by = gen_random_uuid()",
                             "reason = 'x'", "expires_at = expires_at - interval '1 hour'"}) {
    const std::string text = "UPDATE approvals SET " + std::string(change) + of;
    EXPECT_EQ(Office::state_of(office.db, text), kDenied) << change;
    EXPECT_EQ(Office::state_of(office.owner, text), kRefused) << change;
  }
  EXPECT_EQ(Office::state_of(office.db, "DELETE FROM approvals" + of), kDenied);
  EXPECT_EQ(Office::state_of(office.owner, "DELETE FROM approvals" + of), "IP002");
  EXPECT_EQ(Office::state_of(office.owner, "TRUNCATE approvals CASCADE"), "IP002");
  for (const char* service : {"transaction", "reporting"}) {
    auto other = Database::connect(service);
    EXPECT_EQ(Office::state_of(other, "SELECT * FROM approvals"), kDenied) << service;
    EXPECT_EQ(Office::state_of(other, "SELECT * FROM approval_details"), kDenied) << service;
  }
}

TEST(Approvals, AreDecidedOnceAndInTime) {
  Office office;
  const Uuid id = office.told();
  const std::string of = " WHERE id = '" + id.to_string() + "'";
  EXPECT_EQ(Office::state_of(office.owner, "SET session_replication_role = replica"), "");
  EXPECT_EQ(Office::state_of(office.owner,
                             "UPDATE approvals SET created_at = now() - interval '8 days', "
                             "expires_at = now() - interval '1 day'" +
                                 of),
            "");
  EXPECT_EQ(Office::state_of(office.owner, "SET session_replication_role = origin"), "");
  EXPECT_EQ(office.decide(id, "executed", office.approver), kRefused);
  EXPECT_EQ(Office::state_of(office.db, fmt::format("SELECT execute_approval('{}', '{}')",
                                                    id.to_string(), office.approver.to_string())),
            kCheck);
  EXPECT_EQ(Office::state_of(office.db, "SELECT execute_approval(NULL, NULL)"), "");
}

TEST(Approvals, WhoMayIsTheTableOfTheCode) {
  Office office;
  const std::pair<const char*, Permission> kinds[] = {{"adjustment", Permission::money},
                                                      {"limits", Permission::limits},
                                                      {"role", Permission::roles},
                                                      {"closing", Permission::close},
                                                      {"erasure", Permission::erase}};
  for (const Role role : kRoles)
    for (const auto& [kind, permission] : kinds)
      EXPECT_EQ(sql(office.db, "test/may", "SELECT role_may($1::text, $2::text)",
                    Params().add(name_of(role)).add(kind))
                    .boolean(0, 0),
                may(role, permission))
          << name_of(role) << ' ' << kind;
}

}  // namespace
}  // namespace instapay
