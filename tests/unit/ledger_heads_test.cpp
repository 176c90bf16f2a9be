// Noted heads: what is written is read again, and what is missing is judged by what can have taken
// it.
#include "ledger/proof/heads.h"

#include <gtest/gtest.h>

#include "core/time.h"

namespace instapay::ledger {
namespace {

constexpr std::int64_t kNoon_us = 1'764'000'000 * kSecond_us;

Hash256 hash_of(std::uint8_t byte) {
  Hash256 hash{};
  hash.fill(byte);
  return hash;
}

// Chain 1 was written to at noon, chain 2 a minute later.
NotedHeads two_chains() {
  return {{kNoon_us + 100 * kSecond_us},
          "7000",
          4,
          {{{1, 10, hash_of(1)}, {kNoon_us}}, {{2, 20, hash_of(2)}, {kNoon_us + 60 * kSecond_us}}}};
}

const Standing kFirst{hash_of(1), 10}, kSecond{hash_of(2), 25};

TEST(ChainHeads, AreReadAsTheyAreWritten) {
  const auto noted = two_chains().heads;
  const auto read = parse_heads(write_heads(noted));
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->size(), noted.size());
  for (std::size_t i = 0; i < noted.size(); ++i) {
    EXPECT_EQ((*read)[i].batch.chain_id, noted[i].batch.chain_id);
    EXPECT_EQ((*read)[i].batch.seq, noted[i].batch.seq);
    EXPECT_EQ((*read)[i].batch.hash, noted[i].batch.hash);
    EXPECT_EQ((*read)[i].committed, noted[i].committed);
  }
  EXPECT_TRUE(parse_heads("")->empty());
}

TEST(ChainHeads, AnythingElseIsRefused) {
  const std::string good = write_heads(two_chains().heads);
  for (const std::string& bad : {std::string("x"), std::string("\n"), " " + good, good + "\n",
                                 good.substr(1, good.size() - 3), std::string("1 10 5 abcd\n"),
                                 "1 10  " + good, "99999999999 1 1 " + good.substr(21)})
    EXPECT_FALSE(parse_heads(bad)) << bad;
}

TEST(ChainHeads, WhatStandsAgreesHoweverLongItHasGrown) {
  for (const auto* system : {"7000", "8000"})
    for (const int timeline : {4, 5})
      EXPECT_EQ(judge(two_chains(), {kFirst, kSecond}, system, timeline).verdict,
                HeadsVerdict::agree);
}

TEST(ChainHeads, WithoutAFailoverNothingCanBeLost) {
  for (const Standing& instead :
       {Standing{{}, 19}, Standing{{}, {}}, Standing{hash_of(9), 20}, Standing{hash_of(9), 25}}) {
    const auto found = judge(two_chains(), {kFirst, instead}, "7000", 4);
    EXPECT_EQ(found.verdict, HeadsVerdict::tampered);
    EXPECT_NE(found.difference.find("batch 20 of chain 2"), std::string::npos) << found.difference;
  }
}

TEST(ChainHeads, AFailoverLosesTheEndOfAllChains) {
  const auto found = judge(two_chains(), {kFirst, Standing{{}, 19}}, "7000", 5);
  EXPECT_EQ(found.verdict, HeadsVerdict::lost);
  EXPECT_NE(found.difference.find("the chain ends with 19"), std::string::npos);
  EXPECT_NE(found.difference.find("timeline 4 then, 5 now"), std::string::npos);
  // All of it, too, and numbers that were given out again.
  EXPECT_EQ(judge(two_chains(), {Standing{{}, 3}, Standing{hash_of(9), 21}}, "7000", 5).verdict,
            HeadsVerdict::lost);
}

TEST(ChainHeads, AFailoverLosesNothingThatIsOlderThanWhatIsThere) {
  for (const Standing& instead : {Standing{{}, 9}, Standing{{}, {}}, Standing{hash_of(9), 12}}) {
    const auto found = judge(two_chains(), {instead, kSecond}, "7000", 5);
    EXPECT_EQ(found.verdict, HeadsVerdict::tampered);
    EXPECT_NE(found.difference.find("batch 10 of chain 1"), std::string::npos);
    EXPECT_NE(found.difference.find("batch 20 of chain 2"), std::string::npos);
  }
  // Of two that were written at nearly the same time, either may have come first.
  auto close = two_chains();
  close.heads[1].committed = {kNoon_us + 10 * kSecond_us};
  EXPECT_EQ(judge(close, {Standing{{}, 9}, kSecond}, "7000", 5).verdict, HeadsVerdict::lost);
}

}  // namespace
}  // namespace instapay::ledger
