#include "transaction/schedule_worker.h"

#include <gtest/gtest.h>

namespace instapay::transaction {
namespace {

DuePayment due(std::uint8_t id, std::uint8_t payer) {
  return {.id = Uuid::reserved(id), .order = {.payer = {Uuid::reserved(payer)}}};
}

TEST(ScheduleWorker, AnOccurrenceHasOneKeyForEver) {
  const auto key = key_of(due(7, 20));
  EXPECT_EQ(key, key_of(due(7, 20)));
  EXPECT_EQ(key.principal, Uuid::reserved(20));
  EXPECT_NE(key.key, key_of(due(8, 20)).key);
  EXPECT_NE(key.request, key_of(due(8, 20)).request);
  // Whatever else is said of it, which may have changed since the last try.
  DuePayment again = due(7, 20);
  again.tries = 5;
  again.order.note = "another";
  EXPECT_EQ(key, key_of(again));
  again.is_draw = true;
  EXPECT_NE(key.key, key_of(again).key) << "what a mandate draws is no occurrence";
}

TEST(ScheduleWorker, EachRefusalHasItsResult) {
  for (const CodeInfo& code : all_codes()) {
    const AfterRefusal next = after_refusal(code.code);
    if (code.status >= 500) {
      EXPECT_EQ(next, AfterRefusal::ask_again) << code.name;
    }
  }
  for (const Code code : {Code::insufficient_funds, Code::daily_limit_exceeded, Code::sender_frozen,
                          Code::receiver_unavailable})
    EXPECT_EQ(after_refusal(code), AfterRefusal::try_later) << info(code).name;
  for (const Code code : {Code::transfer_limit_exceeded, Code::balance_limit_exceeded,
                          Code::account_closed, Code::payee_not_found})
    EXPECT_EQ(after_refusal(code), AfterRefusal::give_up) << info(code).name;
  for (const Code code : {Code::request_already_paid, Code::request_cancelled,
                          Code::request_not_found, Code::outcome_unknown})
    EXPECT_EQ(after_refusal(code), AfterRefusal::ask_again) << info(code).name;
}

}  // namespace
}  // namespace instapay::transaction
