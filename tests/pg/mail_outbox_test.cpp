// The worker of the outbox, with mail servers of the test's own.
#include "mail/outbox.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <mutex>

#include "core/sha256.h"
#include "pg/users.h"

namespace instapay::mail {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;

class FakeTransport final : public Transport {
 public:
  Attempt send(const Message& message) override {
    const std::scoped_lock lock(mutex);
    sent.push_back(message);
    return answer(message);
  }
  std::mutex mutex;
  std::vector<Message> sent;
  std::function<Attempt(const Message&)> answer = [](const Message&) {
    return Attempt{.delivery = Delivery::accepted};
  };
};

class MailOutbox : public ::testing::Test {
 protected:
  void SetUp() override { std::ignore = owner.exec("DELETE FROM mail_outbox"); }

  Uuid ask(std::string_view kind = "verify_email") {
    const Uuid id = Uuid::v7(now_us());
    const pg::Statement insert{
        "test/ask_mail",
        "INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)"
        " VALUES ($1::uuid, $1::text, $2::text, $3::uuid, now() + interval '1 hour')"};
    rows_of(db.query(insert, Params().add(id).add(kind).add(user)));
    return id;
  }
  std::string state(const Uuid& id) {
    const pg::Statement find{
        "test/mail_state", "SELECT state || ' ' || attempts FROM mail_outbox WHERE id = $1::uuid"};
    return std::string(rows_of(db.query(find, Params().add(id))).text(0, 0));
  }
  void hurry() {
    ASSERT_TRUE(
        owner.exec("UPDATE mail_outbox SET next_attempt_at = now() WHERE state = 'pending'"));
  }

  pg::Connection owner = Database::connect();
  pg::Connection db = Database::connect("user");
  std::string name = testing::unique_name("mail");
  std::string address = name + "@example.com";
  Uuid user = testing::make_user(db, name);
  FakeTransport transport;
  Outbox outbox{{"wallet@pay.example.com", "https://pay.example.com"}, transport};
};

TEST_F(MailOutbox, AMailIsSentOnce) {
  const Uuid id = ask();
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_FALSE(outbox.step(db).value());
  hurry();
  EXPECT_FALSE(outbox.step(db).value());
  ASSERT_EQ(transport.sent.size(), 1U);
  EXPECT_EQ(transport.sent[0].id, id.to_string() + "@pay.example.com");
  EXPECT_EQ(state(id), "sent 1");
  const auto again = owner.exec("UPDATE mail_outbox SET state = 'pending', finished_at = NULL");
  EXPECT_EQ(again.error().sqlstate, "IP002") << "also not by hand";
}

TEST_F(MailOutbox, WorkersBesideEachOtherSendEachMailOnce) {
  constexpr std::size_t kMails = 40;
  for (std::size_t i = 0; i < kMails; ++i) ask();
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&] {
        auto own = Database::connect("user");
        while (outbox.step(own).value()) {
        }
      });
  }
  std::map<std::string, int> times;
  for (const Message& message : transport.sent) ++times[message.id];
  EXPECT_EQ(times.size(), kMails);
  EXPECT_THAT(times, ::testing::Each(::testing::Pair(::testing::_, 1)));
}

TEST_F(MailOutbox, WhatIsRefusedForNowWaitsLongerEachTime) {
  EXPECT_EQ(retry_after_s(1), 10);
  EXPECT_EQ(retry_after_s(2), 40);
  EXPECT_EQ(retry_after_s(5), 2560);
  EXPECT_EQ(retry_after_s(10), 6 * 3600);
  transport.answer = [](const Message&) { return Attempt{Delivery::later, "busy"}; };
  const Uuid id = ask();
  for (int i = 1; i < kMailAttemptsMax; ++i) {
    ASSERT_TRUE(outbox.step(db).value());
    EXPECT_EQ(state(id), "pending " + std::to_string(i));
    EXPECT_FALSE(outbox.step(db).value()) << "it is not due yet";
    hurry();
  }
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(id), "dead 10");
}

TEST_F(MailOutbox, AnAttemptThatNeverEndsIsCounted) {
  const Uuid id = ask();
  for (int i = 1; i <= kMailAttemptsMax; ++i) {
    rows_of(db.query(queries::mail::claim, Params().add(kMailLease_s)));  // and it dies with it
    EXPECT_FALSE(outbox.step(db).value()) << "somebody else has it";
    hurry();
  }
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(id), "dead 11");
  EXPECT_TRUE(transport.sent.empty());
}

TEST_F(MailOutbox, WhoCameTooLateWritesNothingDown) {
  const Uuid id = ask();
  transport.answer = [&](const Message&) {
    // The lease ended, and another worker has the mail.
    hurry();
    auto other = Database::connect("user");
    EXPECT_EQ(rows_of(other.query(queries::mail::claim, Params().add(kMailLease_s))).size(), 1);
    return Attempt{Delivery::refused, "no"};
  };
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(id), "pending 2");
}

TEST_F(MailOutbox, RefusedForEverAndTooLateAreDeadAtOnce) {
  transport.answer = [](const Message&) { return Attempt{Delivery::refused, "no"}; };
  const Uuid refused = ask();
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(refused), "dead 1");
  const Uuid late = ask();
  ASSERT_TRUE(owner.exec("UPDATE mail_outbox SET expires_at = now() WHERE state = 'pending'"));
  EXPECT_TRUE(outbox.step(db).value());
  EXPECT_EQ(state(late), "dead 1");
  EXPECT_EQ(transport.sent.size(), 1U);
}

TEST_F(MailOutbox, OneEventIsOneMail) {
  const pg::Statement insert{
      "test/one_event",
      "INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)"
      " VALUES (gen_random_uuid(), 'event', 'verify_email', gen_random_uuid(), now())"};
  rows_of(db.query(insert));
  EXPECT_EQ(db.query(insert).error().constraint, "mail_outbox_event");
}

TEST_F(MailOutbox, ATokenIsStoredAsItsHashAndGoodForAWhile) {
  ask("password_reset");
  EXPECT_TRUE(outbox.step(db).value());
  ASSERT_EQ(transport.sent.size(), 1U);
  const pg::Statement find{
      "test/tokens",
      "SELECT purpose, expires_at BETWEEN now() + interval '29 minutes' AND"
      " now() + interval '30 minutes' FROM mail_tokens WHERE user_id = $1::uuid"};
  const auto tokens = rows_of(db.query(find, Params().add(user)));
  ASSERT_EQ(tokens.size(), 1);
  EXPECT_EQ(tokens.text(0, 0), "password_reset");
  EXPECT_TRUE(tokens.boolean(0, 1));
  // Whoever changes the password and however, the link ends with it, and stays ended.
  ASSERT_TRUE(
      owner.exec("UPDATE users SET password_hash = 'other' WHERE id = '" + user.to_string() + "'"));
  const auto revived = owner.exec("UPDATE mail_tokens SET used_at = NULL WHERE user_id = '" +
                                  user.to_string() + "'");
  EXPECT_EQ(revived.error().sqlstate, "IP002");
}

// Two links, each used at the same moment: the second waits for the first and finds its own used
// up.
TEST_F(MailOutbox, OfTwoLinksForANewPasswordTheSecondFindsItsOwnUsed) {
  const auto issue = [&](std::string_view text) {
    rows_of(db.query(queries::mail::issue_token, Params()
                                                     .add_bytes(sha256(text))
                                                     .add("password_reset")
                                                     .add(user)
                                                     .add(address)
                                                     .add_time(now_us())
                                                     .add(kResetLink_s)
                                                     .add_null()));
  };
  const auto use = [&](pg::Connection& own, std::string_view text) {
    Params params;
    params.add_bytes(sha256(text)).add(text).add(Uuid::random());
    return own.query(queries::user::reset_password, params);
  };
  issue(address + "a");
  issue(address + "b");
  ASSERT_TRUE(db.exec("BEGIN"));
  EXPECT_EQ(rows_of(use(db, address + "a")).size(), 1);
  std::jthread second([&] {
    auto own = Database::connect("user");
    EXPECT_EQ(rows_of(use(own, address + "b")).size(), 0);
  });
  testing::await_lock_wait(owner);
  ASSERT_TRUE(db.exec("COMMIT"));
}

TEST_F(MailOutbox, OtherServicesSeeNeitherMailsNorTokens) {
  for (const char* role : {"transaction", "reporting"}) {
    auto other = Database::connect(role);
    for (const char* sql :
         {"SELECT 1 FROM mail_outbox", "SELECT 1 FROM mail_tokens", "SELECT language FROM users"})
      EXPECT_EQ(other.exec(sql).error().sqlstate, "42501") << role << sql;
  }
}

}  // namespace
}  // namespace instapay::mail
