#include "ledger/domain/transfer.h"

#include <gtest/gtest.h>

#include <limits>

namespace instapay::ledger {
namespace {

Outcome ok() { return Transfer{}; }
Outcome refused(Refusal refusal) { return std::unexpected(std::move(refusal)); }

TEST(RefusedItems, ComeBackAsTheyWent) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const Outcomes outcomes = {
      ok(),
      refused({.code = Code::insufficient_funds, .available = {5'000}}),
      refused({.code = Code::payee_not_found}),
      ok(),
      refused({.code = Code::daily_limit_exceeded,
               .available = {-7},
               .limit = {kMost},
               .resets = {1'790'000'000'000'000}}),
  };
  const std::string line = format_refused_items(outcomes);
  EXPECT_EQ(line,
            "1:insufficient_funds:5000:0:0;2:payee_not_found:0:0:0;"
            "4:daily_limit_exceeded:-7:9223372036854775807:1790000000000000");
  const auto items = parse_refused_items(line);
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 3U);
  for (const auto& [index, refusal] : *items) EXPECT_EQ(refusal, outcomes[index].error());
  EXPECT_EQ((*items)[0].first, 1U);
  EXPECT_EQ((*items)[1].first, 2U);
  EXPECT_EQ((*items)[2].first, 4U);
}

TEST(RefusedItems, OfEveryCodeComeBack) {
  for (const CodeInfo& code : all_codes()) {
    const Outcomes outcomes = {refused({.code = code.code, .available = {1}, .limit = {2}})};
    const auto items = parse_refused_items(format_refused_items(outcomes));
    ASSERT_TRUE(items && items->size() == 1) << code.name;
    EXPECT_EQ(items->front().second, outcomes[0].error()) << code.name;
  }
}

TEST(RefusedItems, WhereNothingWasRefusedAreAnEmptyLine) {
  EXPECT_EQ(format_refused_items({}), "");
  EXPECT_EQ(format_refused_items({ok(), ok()}), "");
  const auto none = parse_refused_items("");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST(RefusedItems, OfAnotherFormAreNotRead) {
  ASSERT_TRUE(parse_refused_items("1:insufficient_funds:0:0:0;2:self_transfer:0:0:0"));
  for (const char* line : {
           "1",
           ":",
           ";",
           "1:insufficient_funds",
           "1:insufficient_funds:0:0",
           "1:insufficient_funds:0:0:",
           "1:insufficient_funds:0:0:0:0",
           "1:insufficient_funds:0:0:0x",
           "1:insufficient_funds: 0:0:0",
           "1:insufficient_funds:+1:0:0",
           "1:insufficient_funds:9223372036854775808:0:0",
           "1:no_such_code:0:0:0",
           "1::0:0:0",
           "x:insufficient_funds:0:0:0",
           "-1:insufficient_funds:0:0:0",
           "1.0:insufficient_funds:0:0:0",
           "2:insufficient_funds:0:0:0;1:self_transfer:0:0:0",
           "1:insufficient_funds:0:0:0;1:self_transfer:0:0:0",
           "1:insufficient_funds:0:0:0;;2:self_transfer:0:0:0",
           "1:insufficient_funds:0:0:0 ;2:self_transfer:0:0:0",
       })
    EXPECT_FALSE(parse_refused_items(line)) << line;
}

TEST(EntryKinds, HaveNames) {
  for (const auto kind :
       {EntryKind::transfer, EntryKind::refund, EntryKind::opening, EntryKind::adjustment,
        EntryKind::control, EntryKind::hold, EntryKind::release, EntryKind::capture})
    EXPECT_EQ(parse_entry_kind(name_of(kind)), kind);
  EXPECT_EQ(name_of(EntryKind::control), "control");
  EXPECT_EQ(name_of(static_cast<EntryKind>(9)), "unknown");
  for (const char* name : {"", "unknown", "Transfer", "transfer "})
    EXPECT_FALSE(parse_entry_kind(name)) << name;
}

TEST(EntryKinds, OfOneSideMoveNothing) {
  using enum EntryKind;
  for (const auto kind : {control, hold, release}) EXPECT_TRUE(is_one_sided(kind));
  for (const auto kind : {transfer, refund, opening, adjustment, capture})
    EXPECT_FALSE(is_one_sided(kind));
}

TEST(AccountStatuses, HaveNames) {
  for (const auto status : {AccountStatus::active, AccountStatus::frozen, AccountStatus::closed})
    EXPECT_EQ(parse_account_status(name_of(status)), status);
  EXPECT_EQ(name_of(AccountStatus::frozen), "frozen");
  EXPECT_FALSE(parse_account_status("Frozen"));
  EXPECT_FALSE(parse_account_status(""));
}

TEST(PrincipalOf, IsWhoeverOrderedItElseThePayer) {
  Transfer transfer;
  transfer.payer = {Uuid::reserved(10)};
  EXPECT_EQ(principal_of(transfer), Uuid::reserved(10));
  transfer.actor = Uuid::reserved(9);
  EXPECT_EQ(principal_of(transfer), Uuid::reserved(9));
}

}  // namespace
}  // namespace instapay::ledger
