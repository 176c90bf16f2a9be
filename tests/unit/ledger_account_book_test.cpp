#include <gtest/gtest.h>

#include "ledger/account_book.h"

namespace instapay::ledger {
namespace {

Account account(std::uint8_t id, std::int64_t version = 0) {
  return {.id = Uuid::reserved(id), .version = version};
}

class AccountBookTest : public ::testing::Test {
 protected:
  // The versions of the ids, -1 for the unknown.
  std::vector<std::int64_t> versions(AccountBook& book, std::initializer_list<std::uint8_t> ids) {
    std::vector<Uuid> wanted;
    for (const auto id : ids) wanted.push_back(Uuid::reserved(id));
    Accounts found;
    const auto unknown = book.look_up(wanted, found);
    EXPECT_EQ(found.size() + unknown.size(), wanted.size());
    std::vector<std::int64_t> all;
    for (const auto& id : wanted) all.push_back(found.contains(id) ? found.at(id).version : -1);
    return all;
  }
  using Versions = std::vector<std::int64_t>;
};

TEST_F(AccountBookTest, RemembersTheLatest) {
  AccountBook book(100);
  book.store(std::vector{account(1, 5), account(2, 6)});
  EXPECT_EQ(versions(book, {1, 2, 3}), (Versions{5, 6, -1}));
  book.store(std::vector{account(1, 7)});
  EXPECT_EQ(versions(book, {1}), Versions{7});
  EXPECT_EQ(book.size(), 2U);
}

TEST_F(AccountBookTest, ForgetsInBothGenerations) {
  AccountBook book(4);
  book.store(std::vector{account(1), account(2), account(3)});  // 1 and 2 are old now
  book.forget(std::vector{Uuid::reserved(1), Uuid::reserved(3), Uuid::reserved(9)});
  EXPECT_EQ(versions(book, {1, 2, 3}), (Versions{-1, 0, -1}));
}

TEST_F(AccountBookTest, AnOldStateNeverComesBackOverANewOne) {
  AccountBook book(4);
  book.store(std::vector{account(1, 1), account(2, 1)});
  book.store(std::vector{account(3, 1), account(1, 2)});  // 1 is in both generations
  EXPECT_EQ(versions(book, {1}), Versions{2});
  book.forget(std::vector{Uuid::reserved(1)});
  EXPECT_EQ(versions(book, {1}), Versions{-1});
}

TEST_F(AccountBookTest, IsBounded) {
  AccountBook book(10);
  for (int i = 0; i < 200; ++i) {
    book.store(std::vector{account(static_cast<std::uint8_t>(i), i)});
    ASSERT_LE(book.size(), 10U);
    EXPECT_EQ(versions(book, {static_cast<std::uint8_t>(i)}), Versions{i});
  }
}

}  // namespace
}  // namespace instapay::ledger
