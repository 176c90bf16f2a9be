#include "auth/recovery_code.h"

#include <gtest/gtest.h>

#include <set>

#include "core/text.h"

namespace instapay::auth {
namespace {

TEST(RecoveryCode, IsInGroupsAndAlwaysAnother) {
  const Uuid user = Uuid::random();
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const RecoveryCode code = make_recovery_code(user);
    EXPECT_EQ(code.text.size(), kRecoveryCode_chars + 3);
    EXPECT_EQ(code.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567-"), std::string::npos);
    EXPECT_TRUE(seen.insert(code.text).second);
  }
}

TEST(RecoveryCode, IsKnownHoweverItIsTyped) {
  const Uuid user = Uuid::random();
  const RecoveryCode code = make_recovery_code(user);
  std::string bare = code.text, spaced = code.text, upper = code.text;
  std::erase(bare, '-');
  for (char& c : spaced)
    if (c == '-') c = ' ';
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  for (const std::string& typed : {code.text, bare, spaced, upper})
    EXPECT_EQ(hash_recovery_code(typed, user), code.hash) << typed;
}

TEST(RecoveryCode, IsOfOnePerson) {
  const RecoveryCode code = make_recovery_code(Uuid::random());
  EXPECT_NE(hash_recovery_code(code.text, Uuid::random()), code.hash);
}

TEST(RecoveryCode, WhatCannotBeOneIsNotLookedUp) {
  const Uuid user = Uuid::random();
  for (const std::string_view typed : {"", "123456", "k7qm-2xhd-4rtw-c6v", "k7qm-2xhd-4rtw-c6vpp",
                                       "k7qm-2xhd-4rtw-c6v1", "k7qm-2xhd-4rtw-c6v\xc3"})
    EXPECT_EQ(hash_recovery_code(typed, user), std::nullopt) << typed;
}

}  // namespace
}  // namespace instapay::auth
