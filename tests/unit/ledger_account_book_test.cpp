#include "ledger/commit/account_book.h"

#include <gtest/gtest.h>

namespace instapay::ledger {
namespace {

AccountId id(std::uint8_t number) { return {Uuid::reserved(number)}; }
Account account(std::uint8_t number, std::int64_t seq = 0) {
  return {.id = id(number), .seq = {seq}};
}

class AccountBookTest : public ::testing::Test {
 protected:
  using Seqs = std::vector<std::int64_t>;
  // The last numbers of the accounts, -1 for the unknown.
  Seqs seqs(AccountBook& book, std::initializer_list<std::uint8_t> numbers) {
    std::vector<AccountId> wanted;
    for (const auto number : numbers) wanted.push_back(id(number));
    Accounts found;
    const auto unknown = book.look_up(wanted, found);
    EXPECT_EQ(found.size() + unknown.size(), wanted.size());
    Seqs all;
    for (const auto& each : wanted)
      all.push_back(found.contains(each) ? found.at(each).seq.value : -1);
    return all;
  }
};

TEST_F(AccountBookTest, RemembersTheLatest) {
  AccountBook book(100);
  book.store(std::vector{account(1, 5), account(2, 6)});
  EXPECT_EQ(seqs(book, {1, 2, 3}), (Seqs{5, 6, -1}));
  book.store(std::vector{account(1, 7)});
  EXPECT_EQ(seqs(book, {1}), Seqs{7});
  EXPECT_EQ(book.size(), 2U);
}

TEST_F(AccountBookTest, ForgetsInBothGenerations) {
  AccountBook book(4);
  book.store(std::vector{account(1), account(2), account(3)});  // 1 and 2 are old now
  book.forget(std::vector{id(1), id(3), id(9)});
  EXPECT_EQ(seqs(book, {1, 2, 3}), (Seqs{-1, 0, -1}));
}

TEST_F(AccountBookTest, ForgetsEverything) {
  AccountBook book(4);
  book.store(std::vector{account(1), account(2), account(3)});
  book.clear();
  EXPECT_EQ(seqs(book, {1, 2, 3}), (Seqs{-1, -1, -1}));
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(AccountBookTest, AnOldStateNeverComesBackOverANewOne) {
  AccountBook book(4);
  book.store(std::vector{account(1, 1), account(2, 1)});
  book.store(std::vector{account(3, 1), account(1, 2)});  // 1 is in both generations
  EXPECT_EQ(seqs(book, {1}), Seqs{2});
  book.forget(std::vector{id(1)});
  EXPECT_EQ(seqs(book, {1}), Seqs{-1});
}

TEST_F(AccountBookTest, IsBounded) {
  AccountBook book(10);
  for (int i = 0; i < 200; ++i) {
    book.store(std::vector{account(static_cast<std::uint8_t>(i), i)});
    ASSERT_LE(book.size(), 10U);
    EXPECT_EQ(seqs(book, {static_cast<std::uint8_t>(i)}), Seqs{i});
  }
}

}  // namespace
}  // namespace instapay::ledger
