#include "ledger/commit/notification.h"

#include <gtest/gtest.h>

namespace instapay::ledger {
namespace {

std::vector<Account> accounts(int count, AccountKind kind = AccountKind::wallet) {
  std::vector<Account> made(count);
  for (Account& account : made) {
    account.id = {Uuid::random()};
    account.kind = kind;
  }
  return made;
}

TEST(Notification, ComesBackAsItWent) {
  Notification news;
  EXPECT_TRUE(news.empty());
  const auto changed = accounts(3);
  news.add(changed);
  news.add(accounts(1, AccountKind::system));  // nobody looks at those
  const auto read = Notification::parse(news.to_payload());
  EXPECT_FALSE(read.all);
  EXPECT_EQ(read.tags, (std::vector{tag_of(changed[0].id.uuid), tag_of(changed[1].id.uuid),
                                    tag_of(changed[2].id.uuid)}));
}

TEST(Notification, TooManyToNameAreEverybody) {
  constexpr std::size_t kPayloadMax_bytes = 7'999;  // of PostgreSQL
  Notification news;
  for (int batch = 0; batch < 200; ++batch) {
    news.add(accounts(7));
    EXPECT_LE(news.to_payload().size(), kPayloadMax_bytes);
  }
  EXPECT_TRUE(news.all);
  EXPECT_FALSE(news.empty());
  EXPECT_TRUE(Notification::parse(news.to_payload()).all);
}

TEST(Notification, WhatCannotBeReadIsForEverybody) {
  for (const char* payload : {"*", "1234567", "zzzzzzzz", "12345678x"})
    EXPECT_TRUE(Notification::parse(payload).all) << payload;
}

}  // namespace
}  // namespace instapay::ledger
