#include "telemetry/trace.h"

#include <gtest/gtest.h>

#include "core/sha256.h"
#include "telemetry/otlp.h"

namespace instapay::trace {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kParent = "00f067aa0ba902b7";

std::string header(const std::string& flags) {
  return "00-" + kTrace + "-" + kParent + "-" + flags;
}

class Trace : public ::testing::Test {
 protected:
  void TearDown() override {
    stop();
    while (!take(1'000).empty()) {
    }
  }
};

TEST_F(Trace, WithoutAnExporterNothingIsSampledAndTheCallersTraceIsKnown) {
  const Context told = begin_request(header("01"));
  EXPECT_EQ(to_hex(told.trace), kTrace);
  EXPECT_FALSE(told.sampled);
  EXPECT_FALSE(begin_request("").known());
}

TEST_F(Trace, TheCallerDecidesWhetherItsTraceIsSampled) {
  start(0);
  const Context sampled = begin_request(header("01"));
  EXPECT_TRUE(sampled.sampled);
  EXPECT_EQ(to_hex(sampled.trace), kTrace);
  EXPECT_EQ(to_hex(sampled.parent), kParent);
  EXPECT_NE(sampled.span, SpanId{});
  EXPECT_FALSE(begin_request("").sampled);
  start(1'000'000);
  EXPECT_FALSE(begin_request(header("00")).sampled);
  EXPECT_TRUE(begin_request(header("03")).sampled) << "other flags say nothing of it";
}

TEST_F(Trace, OfTheRestAPartIsSampled) {
  start(250'000);
  int sampled = 0;
  for (int i = 0; i < 10'000; ++i) sampled += begin_request("").sampled ? 1 : 0;
  EXPECT_GT(sampled, 2'200);
  EXPECT_LT(sampled, 2'800);
}

TEST_F(Trace, WhatIsNoTraceparentCountsAsNone) {
  for (const std::string& text :
       {"00-" + kTrace + "-" + kParent, "ff-" + kTrace + "-" + kParent + "-01",
        header("01") + "-more", header("0g"), "00-" + std::string(32, '0') + "-" + kParent + "-01",
        "00-" + kTrace + "-" + std::string(16, '0') + "-01", "00-" + kTrace + "_" + kParent + "-01",
        header("01").substr(1)})
    EXPECT_FALSE(begin_request(text).known()) << text;
  EXPECT_TRUE(begin_request("01-" + kTrace + "-" + kParent + "-01-more").known())
      << "a later version may say more";
}

TEST_F(Trace, ASpanInsideAnotherIsOfItsTrace) {
  start(1'000'000);
  const Context outer = begin_request(header("01"));
  const Context inner = begin_inside(outer);
  EXPECT_EQ(inner.trace, outer.trace);
  EXPECT_EQ(inner.parent, outer.span);
  EXPECT_NE(inner.span, outer.span);
  EXPECT_TRUE(inner.sampled);
}

TEST_F(Trace, WhatNobodyTakesIsDroppedBeyondALimit) {
  for (int i = 0; i < 5'000; ++i) add({.name = std::to_string(i)});
  auto first = take(1);
  ASSERT_EQ(first.size(), 1);
  EXPECT_EQ(first.front().name, "0") << "the oldest first";
  EXPECT_EQ(take(10'000).size(), 4'095);
}

// The same message in the protocol's own terms: tests/api/test_traces.py.
TEST_F(Trace, IsWrittenAsOtlp) {
  start(1'000'000);
  Context context = begin_request(header("01"));
  context.span = {0, 1, 2, 3, 4, 5, 6, 7};
  const Span span{.context = context,
                  .name = "POST /a",
                  .kind = Kind::server,
                  .begun_us = 1'700'000'000'000'001,
                  .ended_us = 1'700'000'000'000'002,
                  .failed = true,
                  .attributes = {{"text", std::string("a\"b")}, {"number", std::int64_t{-7}}}};
  EXPECT_EQ(otlp_json({&span, 1}, {"user", "1.2", "host:3"}),
            R"({"resourceSpans":[{"resource":{"attributes":[)"
            R"({"key":"service.name","value":{"stringValue":"user"}},)"
            R"({"key":"service.version","value":{"stringValue":"1.2"}},)"
            R"({"key":"service.instance.id","value":{"stringValue":"host:3"}}]},)"
            R"("scopeSpans":[{"scope":{"name":"instapay"},"spans":[)"
            R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0001020304050607",)"
            R"("parentSpanId":"00f067aa0ba902b7","name":"POST /a","kind":2,)"
            R"("startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000000002000",)"
            R"("attributes":[{"key":"text","value":{"stringValue":"a\"b"}},)"
            R"({"key":"number","value":{"intValue":"-7"}}],"status":{"code":2}}]}]}]})");
}

}  // namespace
}  // namespace instapay::trace
