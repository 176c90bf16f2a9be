// What people do to their own account, as the database holds it whoever writes: by the ledger, and
// by hand as the service's role.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger_books.h"

namespace instapay {
namespace {

using namespace testing;  // NOLINT: the books
using enum AccountStatus;

constexpr std::string_view kNow = "SET CONSTRAINTS ALL IMMEDIATE";

struct OwnStatus : ::testing::Test {
  Books books;
  AccountId owner = person("user");

  AccountId person(std::string_view role) {
    const AccountId id = books.wallet(1'000);
    const std::string name = "u" + std::to_string(++people);
    books.sql(
        fmt::format("INSERT INTO users (id, username, email, display_name, password_hash, role) "
                    "VALUES ('{0}', '{1}', '{1}@example.com', '{1}', '!', '{2}')",
                    id.to_string(), "person" + name, role));
    return id;
  }
  // By the ledger, as the user service.
  void set(const AccountId& account, AccountStatus status, const Uuid& actor) {
    Request request = Books::control(account, {.status = status});
    request.orders[0].actor = actor;
    books.commit({request}, *books.store("user"));
  }
  void set(AccountStatus status, const Uuid& actor) { set(owner, status, actor); }
  // "1 t": frozen, by its owner.
  std::string row() const {
    return books.text("SELECT concat_ws(' ', status, frozen_by_owner) FROM accounts WHERE id = '" +
                      owner.to_string() + "'");
  }
  static std::string change(std::string_view before, std::string_view after) {
    return fmt::format(R"({{"status":{{"before":"{}","after":"{}"}}}})", before, after);
  }
  std::string entry(const Uuid& actor, std::string_view text) const {
    return entry(owner, actor, text);
  }
  static std::string entry(const AccountId& of, const Uuid& actor, std::string_view text) {
    return fmt::format(
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, actor_id, seq, "
        "counterparty_seq, amount, balance_after, held_after, sent_today, created_at, batch_seq, "
        "chain_id, position, kind, change) SELECT id, gen_random_uuid(), '{1}', '{1}', seq + 1, 0, "
        "0, balance, held, 0, clock_timestamp(), 1, 1, 0, 5, '{2}' FROM account_states "
        "WHERE id = '{0}';",
        of.to_string(), actor.to_string(), text);
  }
  static std::string update(const AccountId& of, int status, bool by_owner) {
    return fmt::format("UPDATE accounts SET status = {}, frozen_by_owner = {} WHERE id = '{}';",
                       status, by_owner, of.to_string());
  }
  std::string update(int status, bool by_owner) const { return update(owner, status, by_owner); }
  std::string state_of(const std::string& text) const {
    return books.state_of("user", text + std::string(kNow));
  }

  int people = 0;
};

TEST_F(OwnStatus, FollowsWhoFroze) {
  set(frozen, owner.uuid);
  EXPECT_EQ(row(), "1 t");
  set(active, owner.uuid);
  EXPECT_EQ(row(), "0 f");
  set(frozen, kCommandLine);
  EXPECT_EQ(row(), "1 f");
  set(active, kCommandLine);
  set(frozen, owner.uuid);
  set(frozen, kCommandLine);
  EXPECT_EQ(row(), "1 f") << "staff take it over";
}

TEST_F(OwnStatus, StaffLiftAndCloseWhatItsOwnerFroze) {
  set(frozen, owner.uuid);
  set(active, kCommandLine);
  EXPECT_EQ(row(), "0 f");
}

TEST_F(OwnStatus, NobodyLiftsWhatStaffFrozeAsItsOwner) {
  set(frozen, kCommandLine);
  const Uuid& self = owner.uuid;
  EXPECT_EQ(state_of(entry(self, change("frozen", "active")) + update(0, false)), "IP014");
  EXPECT_EQ(state_of(update(0, false)), "IP014") << "nor without a word";
  EXPECT_EQ(state_of(update(1, true)), "IP014") << "nor makes it theirs first";
  EXPECT_EQ(state_of(entry(self, change("active", "frozen")) + update(1, true)), "IP014");
  EXPECT_EQ(state_of(entry(self, change("active", "closed")) + update(2, false)), "IP014");
  EXPECT_EQ(state_of(entry(kCommandLine, change("frozen", "active")) +
                     entry(self, change("active", "frozen")) + update(1, true)),
            "")
      << "lifted by staff, frozen by its owner";
  EXPECT_EQ(state_of(entry(kCommandLine, change("frozen", "active")) + update(0, false)), "");
}

TEST_F(OwnStatus, NobodyElseFreezesInItsOwnersName) {
  EXPECT_EQ(state_of(update(1, true)), "IP014");
  EXPECT_EQ(state_of(entry(kCommandLine, change("active", "frozen")) + update(1, true)), "IP014");
  EXPECT_EQ(state_of(entry(owner.uuid, change("active", "frozen")) + update(1, true)), "");
  EXPECT_EQ(state_of(update(0, true)), "") << "what is not frozen is nobody's freeze";
}

TEST_F(OwnStatus, OwnersWriteNothingElseOfTheirAccount) {
  const Uuid& self = owner.uuid;
  for (const auto* text :
       {R"({"limits":{"before":{},"after":{}}})", R"({"role":{"before":"user","after":"admin"}})",
        R"({"status":{"before":"active","after":"frozen"},"role":{}})", R"({})",
        R"({"status":{"before":"closed","after":"active"}})",
        R"({"status":{"before":"frozen","after":"closed"}})",
        R"({"status":{"before":"frozen","after":"frozen"}})"})
    EXPECT_EQ(state_of(entry(self, text)), "IP007") << text;
}

TEST_F(OwnStatus, TheReleaseBeforeLiftsToo) {
  set(frozen, owner.uuid);
  EXPECT_EQ(state_of(entry(kCommandLine, change("frozen", "active")) +
                     "UPDATE accounts SET status = 0 WHERE id = '" + owner.to_string() + "';"),
            "");
}

TEST_F(OwnStatus, StaffAreClosedByOthers) {
  const AccountId clerk = person("auditor");
  EXPECT_EQ(
      state_of(entry(clerk, clerk.uuid, change("active", "closed")) + update(clerk, 2, false)),
      "IP014");
  EXPECT_EQ(
      state_of(entry(clerk, kCommandLine, change("active", "closed")) + update(clerk, 2, false)),
      "");
  EXPECT_EQ(state_of(entry(owner.uuid, change("active", "closed")) + update(2, false)), "");
}

TEST_F(OwnStatus, TheLastFiguresAreOfTheEntryBefore) {
  const AccountId heir = books.wallet();
  Request close = Books::control(owner, {.status = closed});
  close.orders[0].actor = owner.uuid;
  Order rest{.payer = owner, .payee = heir, .all = true};
  close.orders.insert(close.orders.begin(), rest);
  close.atomic = true;
  books.sql("ALTER DATABASE " + books.text("SELECT current_database()") +
            " SET instapay.mails = 'on'");
  const Plan done = books.commit({close}, *books.store("user"));
  EXPECT_EQ(books.balance(heir), 1'000);
  EXPECT_EQ(books.balance(owner), 0);
  EXPECT_EQ(
      books.text("SELECT concat_ws(' ', o.kind, e.amount) FROM mail_outbox o JOIN entries e ON "
                 "e.account_id = o.user_id AND e.seq = o.entry_seq WHERE o.user_id = '" +
                 owner.to_string() + "'"),
      "wallet_closed -1000");
}

}  // namespace
}  // namespace instapay
