#include "push/texts.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "auth/base64url.h"
#include "auth/jws.h"
#include "core/json.h"
#include "push/vapid.h"

namespace instapay::push {
namespace {

// Every kind of the database (user_events_kind, entry_notice(), request_notice(), hold_notice()).
constexpr std::string_view kKinds[] = {"money_received",
                                       "refund_received",
                                       "money_added",
                                       "money_removed",
                                       "request_received",
                                       "request_reminded",
                                       "request_declined",
                                       "request_cancelled",
                                       "request_expired",
                                       "hold_received",
                                       "hold_captured",
                                       "hold_released",
                                       "hold_expired",
                                       "schedule_paid",
                                       "schedule_waits",
                                       "schedule_failed",
                                       "schedule_not_received",
                                       "mandate_proposed",
                                       "mandate_accepted",
                                       "mandate_declined",
                                       "mandate_cancelled",
                                       "draw_announced",
                                       "draw_paid",
                                       "draw_waits",
                                       "draw_delayed",
                                       "draw_failed",
                                       "draw_not_received",
                                       "draw_refused",
                                       "draw_withdrawn",
                                       "new_device",
                                       "password_changed",
                                       "email_changed",
                                       "app_added",
                                       "passkey_added",
                                       "passkey_removed",
                                       "factors_removed",
                                       "pin_set",
                                       "pin_locked",
                                       "wallet_frozen",
                                       "wallet_unfrozen"};

TEST(PushTexts, EveryKindIsSaidInBothLanguages) {
  for (const std::string_view language : {"en", "ar"})
    for (const std::string_view kind : kKinds) {
      EXPECT_TRUE(has_text(kind, language)) << kind << " " << language;
      for (const bool shows : {true, false}) {
        const PushText text = text_of_push({.kind = kind,
                                            .language = language,
                                            .amount = "5.00 EGP",
                                            .person = "Nour",
                                            .shows_amounts = shows});
        EXPECT_FALSE(text.title.empty()) << kind;
        EXPECT_FALSE(text.body.empty() || text.body.contains("{{")) << kind << text.body;
        if (!shows) EXPECT_FALSE(text.body.contains("5.00") || text.body.contains("Nour")) << kind;
      }
    }
}

TEST(PushTexts, SomebodyAndSomeAmountAreSaidWhereTheyAreKnown) {
  const auto body = [](std::string_view kind, std::optional<std::string> amount,
                       std::string_view person) {
    return text_of_push({.kind = kind, .language = "en", .amount = amount, .person = person}).body;
  };
  EXPECT_EQ(body("money_received", "5.00 EGP", "Nour"),
            "\u2068Nour\u2069 sent you \u20685.00 EGP\u2069");
  EXPECT_EQ(body("request_received", std::nullopt, "Nour"), "\u2068Nour\u2069 asks you for money");
  EXPECT_EQ(body("hold_received", "1.00 EGP", ""),
            "Somebody set \u20681.00 EGP\u2069 aside for you");
  EXPECT_EQ(body("something_else", std::nullopt, ""), "Something happened in your wallet.");
}

TEST(Vapid, SaysWhoSendsAndForWhom) {
  const std::string first = auth::SigningKeys::generate_pem(auth::Algorithm::es256);
  const std::string second = auth::SigningKeys::generate_pem(auth::Algorithm::es256);
  const auto keys = VapidKeys::of(first + second, "/nowhere").value();
  const auto old_one = VapidKeys::of(second, "/nowhere").value();
  EXPECT_EQ(keys.kid(), VapidKeys::of(first, "/nowhere")->kid());
  EXPECT_TRUE(keys.has(old_one.kid()));
  EXPECT_FALSE(old_one.has(keys.kid()));
  const std::string said =
      keys.authorization(old_one.kid(), "https://push.example.com", "mailto:a@example.com", 1'000);
  ASSERT_TRUE(said.starts_with("vapid t="));
  const std::string token = said.substr(8, said.find(',') - 8);
  EXPECT_EQ(said.substr(said.find("k=") + 2), old_one.public_key());
  const auto jws = auth::parse_jws(token, "JWT", 4096);
  ASSERT_TRUE(jws);
  const auto claims = parse_json(jws->payload).value();
  EXPECT_EQ(auth::text_of(claims, "aud"), "https://push.example.com");
  EXPECT_EQ(auth::text_of(claims, "sub"), "mailto:a@example.com");
  EXPECT_EQ(claims.find("exp")->text, std::to_string(1'000 + kVapidTokenLife_s));
  const auto signer = auth::SigningKeys::from_pem(second, kVapidKeysPurpose).value();
  EXPECT_TRUE(signer.public_keys().find(signer.kid())->verify(jws->signed_text, jws->signature));
}

TEST(Vapid, KeysAreOfP256AndSaidWhenTheyAreNot) {
  EXPECT_FALSE(VapidKeys::of("nonsense", "/nowhere"));
  EXPECT_FALSE(VapidKeys::of(auth::SigningKeys::generate_pem(auth::Algorithm::rs256), "/nowhere"));
}

}  // namespace
}  // namespace instapay::push
