#include "mail/templates.h"

#include <gmock/gmock.h>

namespace instapay::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Values values(std::string name = "Nour") {
  return {{"name", std::move(name)},
          {"address", "nour@example.com"},
          {"details", "Firefox on Linux"},
          {"time", "2026-11-26 07:22 UTC"},
          {"amount", "25.50 EGP"},
          {"person", "Omar"},
          {"due", "2026-11-26 09:00 (Africa/Cairo)"},
          {"until", "2026-11-29 09:00 (Africa/Cairo)"},
          {"day", "2026-11-25"},
          {"came", "2"},
          {"came_in", "30.00 EGP"},
          {"went", "1"},
          {"went_out", "7.25 EGP"},
          {"link", "https://pay.example.com/page#token"}};
}

constexpr std::string_view kKinds[] = {
    "verify_email",      "password_reset",  "password_changed",
    "schedule_waits",    "schedule_failed", "schedule_not_received",
    "draw_announced",    "draw_waits",      "draw_failed",
    "draw_not_received", "email_change",    "email_changed",
    "new_device",        "app_added",       "passkey_added",
    "passkey_removed",   "factors_removed", "large_payment",
    "money_in",          "request_created", "request_reminded",
    "request_declined",  "daily_summary",   "wallet_frozen",
    "wallet_unfrozen",   "wallet_closed",   "wallet_closed_empty",
    "pin_set",           "pin_locked"};

TEST(MailTemplates, EachKindIsThereInEachLanguage) {
  for (const auto kind : kKinds) {
    for (const std::string_view language : {"en", "ar"}) {
      ASSERT_TRUE(has_template(kind, language)) << kind << language;
      const Rendered mail = render(kind, language, values());
      EXPECT_FALSE(mail.subject.empty());
      for (const std::string* text : {&mail.text, &mail.html}) {
        EXPECT_THAT(*text, HasSubstr("Nour")) << kind << language;
        EXPECT_THAT(*text, HasSubstr("https://pay.example.com/page#token")) << kind << language;
        EXPECT_THAT(*text, Not(HasSubstr("{"))) << kind << language;
        EXPECT_THAT(*text, Not(HasSubstr("]("))) << kind << language;
      }
      EXPECT_THAT(mail.html, HasSubstr(language == "ar" ? R"(<html lang="ar" dir="rtl">)"
                                                        : R"(<html lang="en" dir="ltr">)"));
    }
  }
  EXPECT_FALSE(has_template("verify_email", "fr"));
}

TEST(MailTemplates, WhatPeopleWroteIsEscaped) {
  const Rendered mail =
      render("verify_email", "en", values(R"(<a href="https://evil.example">'&{link}</a>)"));
  EXPECT_THAT(mail.html, HasSubstr("<bdi>&lt;a href=&quot;https://evil.example&quot;&gt;&#39;&amp;"
                                   "{link}&lt;/a&gt;</bdi>"));
  EXPECT_THAT(mail.html, Not(HasSubstr("<a href=\"https://evil.example")));
}

TEST(MailTemplates, ANameStaysOnItsLineAndInItsDirection) {
  const Rendered mail = render("verify_email", "en", values("Nour\r\n\r\n[Pay](http://evil)"));
  EXPECT_THAT(mail.text, HasSubstr("Hello \u2068Nour    [Pay](http://evil)\u2069,\n"));
  EXPECT_THAT(mail.html, Not(HasSubstr("href=\"http://evil\"")));
}

TEST(MailTemplates, ANoticeSaysWhatHappenedAndWhen) {
  for (const std::string_view language : {"en", "ar"}) {
    for (const std::string_view kind : {"new_device", "passkey_added", "passkey_removed"}) {
      const Rendered mail = render(kind, language, values());
      EXPECT_THAT(mail.text, HasSubstr("Firefox on Linux")) << kind << language;
      EXPECT_THAT(mail.text, HasSubstr("2026-11-26 07:22 UTC")) << kind << language;
    }
    EXPECT_THAT(render("email_change", language, values()).text, HasSubstr("nour@example.com"));
  }
}

}  // namespace
}  // namespace instapay::mail
