#include "ledger/proof/sequence_audit.h"

#include <gtest/gtest.h>

#include "ledger/domain/rules.h"

namespace instapay::ledger {
namespace {

constexpr AccountId kA{Uuid::reserved(20)}, kB{Uuid::reserved(21)};
constexpr Time kNow{20'000 * kDay_us}, kEnd{20'001 * kDay_us};

// Books that the rules wrote: A gets 100, pays, holds, is frozen and limited.
class Books {
 public:
  Books() {
    move({.payer = kOpeningAccount, .payee = kA, .amount = {100}, .kind = EntryKind::opening});
    move({.payer = kA, .payee = kB, .amount = {30}});
    held = hold(20);
    move(of_hold(held, EntryKind::capture, 15));
    move(of_hold(held, EntryKind::release, 5));
    control({.status = AccountStatus::frozen, .limits = OwnLimits{Amount{9}, std::nullopt}});
    control({.status = AccountStatus::active});
    move({.payer = kB, .payee = kA, .amount = {5}, .kind = EntryKind::refund});
    move({.payer = kA, .payee = kB, .amount = {2}});
    open = hold(4);
  }

  // In the order in which they were written; A's are at 1, 2, 4, 5, 7, 8, 9, 11, 12, 14.
  std::vector<Entry> entries;
  Uuid held, open;  // holds: one that was captured in part and released, and one that is open

  static SequenceAudit::HoldRecord held_record() {
    return {.hold = {.payer = kA,
                     .payee = kB,
                     .amount = {20},
                     .captured = {15},
                     .expires = kEnd,
                     .status = HoldStatus::released},
            .seq = {3},
            .captures = 1,
            .created = kNow,
            .ended = kNow};
  }
  static SequenceAudit::HoldRecord open_record() {
    return {.hold = {.payer = kA, .payee = kB, .amount = {4}, .expires = kEnd},
            .seq = {10},
            .created = kNow};
  }

 private:
  Uuid hold(std::int64_t amount) {
    Order order{.payer = kA, .payee = kB, .amount = {amount}, .kind = EntryKind::hold};
    order.expires = kEnd;
    move(order);
    return entries.back().transfer.id;
  }
  static Order of_hold(const Uuid& hold, EntryKind kind, std::int64_t amount) {
    return {.payer = kA,
            .payee = kB,
            .amount = {amount},
            .kind = kind,
            .reference = hold,
            .actor = kB.uuid};
  }
  void move(const Order& order) {
    if (is_one_sided(order.kind)) return add(apply(accounts_.at(order.payer), order, kNow));
    add(apply(accounts_.at(order.payer), accounts_.at(order.payee), order, kNow));
  }
  void control(const Control& control) {
    move({.payer = kA, .kind = EntryKind::control, .actor = Uuid::reserved(9), .control = control});
  }
  void add(const Transfer& transfer) {
    entries.push_back({transfer, true});
    if (!is_one_sided(transfer.kind)) entries.push_back({transfer, false});
  }

  Accounts accounts_ = [] {
    Accounts all;
    all.emplace(kOpeningAccount, Account{.id = kOpeningAccount, .kind = AccountKind::system});
    for (const auto& id : {kA, kB}) all.emplace(id, Account{.id = id});
    return all;
  }();
};

// The first difference, over all of the audit.
std::string audit(const std::vector<Entry>& entries, SequenceAudit& audit) {
  for (const Entry& entry : entries)
    if (auto difference = audit.take(entry); !difference.empty()) return difference;
  return audit.find_gap();
}
std::string audit_of(const std::vector<Entry>& entries) {
  SequenceAudit one;
  return audit(entries, one);
}

TEST(SequenceAudit, IsContentWithWhatTheRulesWrote) {
  SequenceAudit one;
  EXPECT_EQ(audit(Books().entries, one), "");
  const auto a = one.claim_account(kA);
  EXPECT_EQ(a.last, Seq{10});
  EXPECT_EQ(a.balance, Amount{58});
  EXPECT_EQ(a.held, Amount{4});
  EXPECT_EQ(a.status, AccountStatus::active);
  EXPECT_EQ(a.limits, (OwnLimits{Amount{9}, std::nullopt}));
  const auto b = one.claim_account(kB);
  EXPECT_EQ(b.last, Seq{4});
  EXPECT_EQ(b.balance, Amount{42});
  EXPECT_EQ(one.claim_account(kOpeningAccount).balance, Amount{-100});
  EXPECT_EQ(one.claim_account(kSettlementAccount).last, Seq{0});
  EXPECT_EQ(one.find_unclaimed(), "");
}

TEST(SequenceAudit, HoldsAreWhatTheEntriesMakeOfThem) {
  const Books books;
  using Record = SequenceAudit::HoldRecord;
  // What the audit says of these records of the two holds.
  const auto said = [&](std::optional<Record> held, std::optional<Record> open) {
    SequenceAudit one;
    EXPECT_EQ(audit(books.entries, one), "");
    for (const auto& [id, record] : {std::pair(books.held, held), {books.open, open}})
      if (record)
        if (auto difference = one.claim_hold(id, *record); !difference.empty()) return difference;
    return one.find_unclaimed_hold();
  };
  const Record held = Books::held_record(), open = Books::open_record();
  EXPECT_EQ(said(held, open), "");
  EXPECT_NE(said(held, std::nullopt), "");
  EXPECT_NE(said(std::nullopt, open), "");
  const auto changed = [](Record record, auto change) {
    change(record);
    return record;
  };
  for (const auto change :
       {+[](Record& r) { r.hold.payee = kOpeningAccount; },
        +[](Record& r) { ++r.hold.amount.minor; }, +[](Record& r) { --r.hold.captured.minor; },
        +[](Record& r) { ++r.hold.expires.us; }, +[](Record& r) { ++r.captures; },
        +[](Record& r) { ++r.created.us; }, +[](Record& r) { ++r.seq.value; },
        +[](Record& r) { r.ended = Time{1}; },
        +[](Record& r) { r.hold.status = HoldStatus::expired; },
        +[](Record& r) { r.hold.payer = AccountId{Uuid::reserved(99)}; }}) {
    EXPECT_NE(said(changed(held, change), open), "");
    EXPECT_NE(said(held, changed(open, change)), "");
  }
  EXPECT_NE(said(changed(held, [](Record& r) { r.hold.status = HoldStatus::open; }), open), "");
}

TEST(SequenceAudit, FindsAHoldThatWasOverstepped) {
  struct Tampered {
    std::size_t index;
    void (*change)(Transfer&);
    const char* difference;
  };
  const Tampered list[] = {
      {4, [](Transfer& t) { t.change = "{}"; },
       "entry 3: it makes a hold without an end or an amount"},
      {5,
       [](Transfer& t) {
         t.created = kEnd;
         t.payer_side.sent_today = {};
       },
       "entry 4: it captures more than its hold allows, after its end, or for another"},
      {5, [](Transfer& t) { t.actor = kA.uuid; },
       "entry 4: it captures more than its hold allows, after its end, or for another"},
      {5, [](Transfer& t) { t.reference = Uuid::reserved(1); },
       "entry 4: it is of a hold that is not open"},
      {7, [](Transfer& t) { t.actor = kA.uuid; }, "entry 5: its hold is not released by its payee"},
      {7,
       [](Transfer& t) {
         t.kind = EntryKind::control;
         t.change = "{}";
       },
       "entry 5: it is of no hold and changes what is held"},
  };
  for (const Tampered& tampered : list) {
    std::vector<Entry> entries = Books().entries;
    tampered.change(entries.at(tampered.index).transfer);
    EXPECT_EQ(audit_of(entries), "account " + kA.to_string() + ": " + tampered.difference);
  }
}

TEST(SequenceAudit, TakesThemInAnyOrder) {
  std::vector<Entry> entries = Books().entries;
  std::ranges::reverse(entries);
  EXPECT_EQ(audit_of(entries), "");
  for (std::size_t i = 1; i < entries.size(); ++i) {
    std::ranges::rotate(entries, entries.begin() + 5);
    EXPECT_EQ(audit_of(entries), "") << i;
  }
}

TEST(SequenceAudit, NamesAnAccountThatIsNot) {
  SequenceAudit one;
  audit(Books().entries, one);
  one.claim_account(kOpeningAccount);
  one.claim_account(kB);
  EXPECT_EQ(one.find_unclaimed(), "account " + kA.to_string() + ": has entries and does not exist");
}

TEST(SequenceAudit, FindsWhatIsMissing) {
  const std::vector<Entry> whole = Books().entries;
  const auto without = [&](std::size_t index) {
    auto entries = whole;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(index));
    return audit_of(entries);
  };
  EXPECT_EQ(without(1), "account " + kA.to_string() + ": entry 1 is missing");
  EXPECT_EQ(without(4), "account " + kA.to_string() + ": entry 3 is missing");
  EXPECT_EQ(without(14), "") << "the last ones are missed by whoever knows the batches";
  auto twice = whole;
  twice.push_back(whole[4]);
  EXPECT_EQ(audit_of(twice), "account " + kA.to_string() + ": two entries with the number 3");
  auto early_twice = std::vector{whole[4], whole[4]};
  EXPECT_EQ(audit_of(early_twice), "account " + kA.to_string() + ": two entries with the number 3");
}

TEST(SequenceAudit, FindsWhatDoesNotFollow) {
  struct Tampered {
    std::size_t index;
    void (*change)(Transfer&);
    const char* difference;  // after "account …: "
  };
  const Tampered list[] = {
      {2, [](Transfer& t) { ++t.payer_side.balance.minor; },
       "entry 2: balance_after is not the one before plus the amount"},
      {2, [](Transfer& t) { ++t.amount.minor; },
       "entry 2: balance_after is not the one before plus the amount"},
      {1, [](Transfer& t) { ++t.payee_side.balance.minor; },
       "entry 1: balance_after is not the one before plus the amount"},
      {4, [](Transfer& t) { ++t.payer_side.held.minor; },
       "entry 3: held_after is not the one before plus held_change"},
      {4, [](Transfer& t) { ++t.payer_side.held_change.minor; },
       "entry 3: held_after is not the one before plus held_change"},
      {5, [](Transfer& t) { t.payer_side.held_change = {}; },
       "entry 4: held_after is not the one before plus held_change"},
      {4, [](Transfer& t) { t.payer_side.held = t.payer_side.held_change = {71}; },
       "entry 3: it holds less than nothing"},
      {2, [](Transfer& t) { ++t.payer_side.sent_today.minor; },
       "entry 2: sent_today is not what was sent on its day"},
      {12, [](Transfer& t) { t.payer_side.sent_today = {2}; },
       "entry 9: sent_today is not what was sent on its day"},
      {2, [](Transfer& t) { t.kind = EntryKind::adjustment; },
       "entry 2: sent_today is not what was sent on its day"},
      {12, [](Transfer& t) { t.created.us += kDay_us; },
       "entry 9: sent_today is not what was sent on its day"},
      {8, [](Transfer& t) { t.change = R"({"status":{"before":"closed","after":"frozen"}})"; },
       "entry 6: its change does not begin with what was so before"},
      {8, [](Transfer& t) { t.change = R"({"status":{"before":"active","after":"gone"}})"; },
       "entry 6: its change does not begin with what was so before"},
      {8,
       [](Transfer& t) { t.change = R"({"limits":{"before":{"perTransfer":1,"perDay":null}}})"; },
       "entry 6: its change does not begin with what was so before"},
      {8, [](Transfer& t) { t.change = "{"; },
       "entry 6: its change does not begin with what was so before"},
      // Frozen by an entry that says otherwise: the next one begins elsewhere.
      {8, [](Transfer& t) { t.change = "{}"; },
       "entry 7: its change does not begin with what was so before"},
  };
  for (const Tampered& tampered : list) {
    std::vector<Entry> entries = Books().entries;
    Entry& entry = entries.at(tampered.index);
    ASSERT_EQ(entry.account(), kA);
    tampered.change(entry.transfer);
    EXPECT_EQ(audit_of(entries), "account " + kA.to_string() + ": " + tampered.difference);
    std::ranges::reverse(entries);
    EXPECT_EQ(audit_of(entries), "account " + kA.to_string() + ": " + tampered.difference)
        << "in another order";
  }
}

TEST(SequenceAudit, CountsEachDayThoughAClockRanAhead) {
  const auto entry = [](std::int64_t seq, std::int64_t day, std::int64_t amount,
                        std::int64_t sent_today) {
    Transfer t{.payer = kA, .payee = kB, .amount = {amount}};
    t.created = {(20'000 + day) * kDay_us};
    t.payer_side = {{seq}, {100 - seq * amount}, {}, {}, {sent_today}};
    return Entry{t, true};
  };
  Transfer grant{.payer = kOpeningAccount,
                 .payee = kA,
                 .amount = {100},
                 .kind = EntryKind::opening,
                 .created = kNow};
  grant.payee_side = {.seq = {1}, .balance = {100}};
  const auto with = [&](std::vector<Entry> entries) {
    entries.insert(entries.begin(), Entry{grant, false});
    for (std::size_t i = 1; i < entries.size(); ++i) {
      Side& side = entries[i].transfer.payer_side;
      side.seq = {static_cast<std::int64_t>(i) + 1};
      side.balance = entries[i - 1].side().balance - entries[i].transfer.amount;
    }
    return audit_of(entries);
  };
  // The day goes on from its last entry; the one that a wrong clock began, begins anew when it
  // comes.
  EXPECT_EQ(with({entry(2, 0, 5, 5), entry(3, 1, 7, 7), entry(4, 0, 3, 8), entry(5, 1, 1, 1)}), "");
  EXPECT_NE(with({entry(2, 0, 5, 5), entry(3, 1, 7, 7), entry(4, 0, 3, 8), entry(5, 1, 1, 8)}), "");
  EXPECT_NE(with({entry(2, 0, 5, 5), entry(3, 1, 7, 7), entry(4, 0, 3, 3)}), "");
}

}  // namespace
}  // namespace instapay::ledger
