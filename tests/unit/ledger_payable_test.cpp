#include "ledger/domain/payable.h"

#include <gtest/gtest.h>

#include "core/time.h"

namespace instapay::ledger {
namespace {

constexpr AccountId kPayee{Uuid::reserved(10)}, kPayer{Uuid::reserved(11)},
    kOther{Uuid::reserved(12)};
constexpr Time kNow{20'000 * kDay_us};

Order paying(std::int64_t minor = 50) {
  return {.payer = kPayer, .payee = kPayee, .amount = {minor}, .reference = Uuid::v7(kNow.us)};
}
std::string word(const std::optional<Refusal>& refusal) {
  return refusal ? std::string(info(refusal->code).name) : "ok";
}

TEST(Payable, TheIdSaysWhatItIs) {
  Uuid occurrence = Uuid::reserved(9);
  occurrence.bytes[6] = 0x40;
  EXPECT_TRUE(is_paid_once(occurrence));
  EXPECT_FALSE(is_request(occurrence));
  const Uuid draw = Uuid::v6(kNow.us);
  EXPECT_TRUE(is_paid_once(draw));
  EXPECT_FALSE(is_request(draw));
  EXPECT_TRUE(is_draw(draw));
  EXPECT_FALSE(is_draw(occurrence) || is_draw(Uuid::v7(kNow.us)));
  EXPECT_FALSE(is_request(Uuid{}));
  EXPECT_TRUE(is_request(Uuid::v7(kNow.us)));
  EXPECT_TRUE(is_request(Uuid::v8(kNow.us)));
}

TEST(Payable, SaysWhyItMayNotBePaid) {
  const Payable open{.payee = kPayee};
  const auto with = [&](auto change) {
    Payable payable = open;
    change(payable);
    return word(check(payable, paying(), kNow));
  };
  EXPECT_EQ(with([](Payable&) {}), "ok");
  EXPECT_EQ(with([](Payable& p) { p.payer = kPayer; }), "ok");
  EXPECT_EQ(with([](Payable& p) { p.amount = Amount{50}; }), "ok");
  EXPECT_EQ(with([](Payable& p) { p.expires = Time{kNow.us + 1}; }), "ok");
  EXPECT_EQ(with([](Payable& p) { p.status = RequestStatus::partly_paid; }), "ok");
  EXPECT_EQ(with([](Payable& p) { p.payee = kOther; }), "request_not_found");
  EXPECT_EQ(with([](Payable& p) { p.payer = kOther; }), "request_not_found");
  EXPECT_EQ(with([](Payable& p) { p.amount = Amount{49}; }), "request_amount_fixed");
  EXPECT_EQ(with([](Payable& p) { p.expires = kNow; }), "request_expired");
  EXPECT_EQ(with([](Payable& p) { p.status = RequestStatus::paid; }), "request_already_paid");
  EXPECT_EQ(with([](Payable& p) { p.status = RequestStatus::declined; }), "request_declined");
  EXPECT_EQ(with([](Payable& p) { p.status = RequestStatus::cancelled; }), "request_cancelled");
  // How it ended goes before that its time is over.
  EXPECT_EQ(with([](Payable& p) {
              p.status = RequestStatus::paid;
              p.expires = kNow;
              p.amount = Amount{1};
            }),
            "request_already_paid");
}

TEST(Payable, TheIdSaysHowOftenItMayBePaid) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(is_paid_once(Uuid::v7(kNow.us + i)));
    EXPECT_FALSE(is_paid_once(Uuid::v8(kNow.us + i)));
  }
  Payable payable{.payee = kPayee};
  pay(payable, Uuid::v8(kNow.us));
  pay(payable, Uuid::v8(kNow.us));
  EXPECT_EQ(payable.status, RequestStatus::partly_paid);
  payable.status = RequestStatus::open;
  pay(payable, Uuid::v7(kNow.us));
  EXPECT_EQ(payable.status, RequestStatus::paid);
}

TEST(Payable, OnlyATransferPaysARequest) {
  Order order = paying();
  EXPECT_TRUE(pays_request(order));
  order.kind = EntryKind::capture;
  EXPECT_FALSE(pays_request(order));
  order.kind = EntryKind::transfer;
  order.reference = {};
  EXPECT_FALSE(pays_request(order));
}

}  // namespace
}  // namespace instapay::ledger
