#include <gtest/gtest.h>

#include "user/rules.h"

namespace instapay::user {
namespace {

TEST(Email, IsLowerCasedAndKept) {
  EXPECT_EQ(normalize_email("alice@example.com"), "alice@example.com");
  EXPECT_EQ(normalize_email("Alice.B+Tag@Example.COM"), "alice.b+tag@example.com");
  EXPECT_EQ(normalize_email("o'neil_1-2@a-b.c.example"), "o'neil_1-2@a-b.c.example");
  EXPECT_EQ(normalize_email("1@2.co"), "1@2.co");
  EXPECT_TRUE(normalize_email(std::string(64, 'a') + "@example.com"));
  EXPECT_TRUE(normalize_email("x@" + std::string(63, 'a') + ".com"));
}

TEST(Email, RefusesWhatMailWouldNotReach) {
  for (const std::string& email : {std::string(),
                                   std::string("alice"),
                                   std::string("@example.com"),
                                   std::string("alice@"),
                                   std::string("alice@example"),
                                   std::string("a b@example.com"),
                                   std::string("a@b@c.com"),
                                   std::string(".a@example.com"),
                                   std::string("a.@example.com"),
                                   std::string("a..b@example.com"),
                                   std::string("a@.com"),
                                   std::string("a@example."),
                                   std::string("a@example..com"),
                                   std::string("a@-example.com"),
                                   std::string("a@example-.com"),
                                   std::string("a@exa_mple.com"),
                                   std::string("a@1.2.3.4"),
                                   std::string("a@[1.2.3.4]"),
                                   std::string("\"a\"@example.com"),
                                   std::string("é@example.com"),
                                   std::string("a@exämple.com"),
                                   std::string("a\n@example.com"),
                                   std::string("a@example.com "),
                                   std::string("a\0@example.com", 14),
                                   std::string(65, 'a') + "@example.com",
                                   "x@" + std::string(64, 'a') + ".com",
                                   "x@" + std::string(250, 'a') + ".com"}) {
    EXPECT_EQ(normalize_email(email), std::nullopt) << email;
  }
}

TEST(Username, Rules) {
  EXPECT_EQ(normalize_username("alice"), "alice");
  EXPECT_EQ(normalize_username("Alice_B.9-x"), "alice_b.9-x");
  EXPECT_EQ(normalize_username("9to"), "9to");
  EXPECT_TRUE(normalize_username(std::string(32, 'a')));
  for (const std::string& name :
       {std::string(), std::string("ab"), std::string(33, 'a'), std::string("_abc"),
        std::string(".abc"), std::string("-abc"), std::string("a b c"), std::string("a@b"),
        std::string("naïve"), std::string("abc\n")}) {
    EXPECT_EQ(normalize_username(name), std::nullopt) << name;
  }
}

TEST(ReservedUsername, SpeaksForThePlatform) {
  for (const auto* name :
       {"admin",     "support",   "operator",  "instapay",   "mini-instapay", "root",
        "system",    "security",  "help",      "billing",    "official",      "admins",
        "4dm1n",     "adm1n",     "admin1",    "a.d.m.i.n",  "ad-min",        "sup.port",
        "supp0rt",   "5upport",   "0perator",  "0per4t0r",   "lnstapay",      "1nstapay",
        "insta_pay", "1n5t4p4y",  "adrnin",    "adrn1n",     "admiin",        "suppport",
        "supportt",  "3instapay", "the.admin", "omar_admin", "instapay.eg",   "myinstapay",
        "help-desk", "helpdesk",  "off1cial",  "secur1ty",   "r00t",          "sys.tem"})
    EXPECT_TRUE(is_reserved_username(name)) << name;
}

TEST(ReservedUsername, LeavesOrdinaryNames) {
  for (const auto* name :
       {"amal",    "omar",    "nour.h",    "user1",  "u000001", "adam",  "admir",
        "amin",    "supriya", "helpa",     "rooter", "bling",   "bill",  "instant",
        "payroll", "hilal",   "system32x", "roots",  "yasmin",  "adnan", "helen"})
    EXPECT_FALSE(is_reserved_username(name)) << name;
}

TEST(ReservedDisplayName, SpeaksForThePlatform) {
  for (const auto* name : {"Admin", "Support", "InstaPay", "Mini InstaPay Help", "Ѕupport", "Аdmin",
                           "Support Team", "Official Account", "ІnstаРаy", "System"})
    EXPECT_TRUE(is_reserved_display_name(name)) << name;
  for (const auto* name :
       {"Amal", "محمد علي", "Elihu Root", "Omar Sherif", "李小龍", "👩‍💻 Ada"})
    EXPECT_FALSE(is_reserved_display_name(name)) << name;
}

}  // namespace
}  // namespace instapay::user
