#include "mail/message.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace instapay::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Message sample() {
  Message message;
  message.id = "0190@pay.example.com";
  message.date_us = 1'795'677'744'000'000;
  message.from_name = "Mini-InstaPay";
  message.from = "wallet@pay.example.com";
  message.to_name = "Nour";
  message.to = "nour@example.com";
  message.language = "en";
  message.subject = "Hello";
  message.text = "text";
  message.html = "<p>html</p>";
  return message;
}

// The lines that begin a header; those that go on with one begin with a blank.
std::vector<std::string> header_lines(const std::string& written) {
  std::vector<std::string> lines;
  const std::string head = written.substr(0, written.find("\r\n\r\n"));
  for (std::size_t at = 0; at < head.size();) {
    const auto end = std::min(head.find("\r\n", at), head.size());
    if (head[at] != ' ') lines.push_back(head.substr(at, end - at));
    at = end + 2;
  }
  return lines;
}

TEST(MailMessage, SaysWhoWhenAndWhat) {
  const std::string written = write_message(sample());
  EXPECT_THAT(written, HasSubstr("Date: Thu, 26 Nov 2026 07:22:24 +0000\r\n"));
  EXPECT_THAT(written, HasSubstr("From: Mini-InstaPay <wallet@pay.example.com>\r\n"));
  EXPECT_THAT(written, HasSubstr("To: Nour <nour@example.com>\r\n"));
  EXPECT_THAT(written, HasSubstr("Subject: Hello\r\n"));
  EXPECT_THAT(written, HasSubstr("Message-ID: <0190@pay.example.com>\r\n"));
}

TEST(MailMessage, NoTextBeginsAHeaderOfItsOwn) {
  const std::string plain = write_message(sample());
  for (std::string Message::* text : {&Message::subject, &Message::to_name, &Message::from_name,
                                      &Message::to, &Message::from, &Message::language}) {
    for (const char* evil : {"a\r\nBcc: evil@example.com", "a\nBcc: evil@example.com",
                             "a\rBcc: evil@example.com", "a\r\n\r\n<b>"}) {
      Message message = sample();
      message.*text = evil;
      const std::string written = write_message(message);
      EXPECT_EQ(header_lines(written).size(), header_lines(plain).size()) << evil;
      for (const std::string& line : header_lines(written))
        EXPECT_THAT(line, Not(::testing::StartsWith("Bcc:"))) << evil;
      // A line ends with CRLF, and nowhere is half of one.
      for (std::size_t i = 0; i < written.size(); ++i)
        if (written[i] == '\n' || written[i] == '\r')
          EXPECT_EQ(written.substr(written[i] == '\n' ? i - 1 : i, 2), "\r\n");
    }
  }
}

TEST(MailMessage, IsAsciiWithShortLines) {
  Message message = sample();
  message.subject = std::string(40, 'x') + "تغيّرت كلمة مرورك تغيّرت كلمة مرورك تغيّرت كلمة مرورك";
  message.to_name = "نور حسن 🎉 \"<script>\"";
  message.to = std::string(60, 'a') + "@example.com";
  for (int i = 0; i < 100; ++i) message.text += "كلمة ";
  message.html = message.text;
  const std::string written = write_message(message);
  EXPECT_TRUE(std::ranges::all_of(written, [](unsigned char c) { return c < 0x80; }));
  for (std::size_t at = 0; at < written.size();) {
    const auto end = written.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U) << written.substr(at, end - at);
    at = end + 2;
  }
}

TEST(MailMessage, EncodesWordsByRfc2047) {
  EXPECT_EQ(encode_header("Plain words"), "Plain words");
  EXPECT_EQ(encode_header("é"), "=?UTF-8?B?w6k=?=");
  // What looks encoded already would be decoded by its reader.
  EXPECT_EQ(encode_header("=?UTF-8?B?w6k=?="), "=?UTF-8?B?PT9VVEYtOD9CP3c2az0/PQ==?=");
  // No character is cut: 23 of two bytes are more than one word holds.
  std::string text;
  for (int i = 0; i < 23; ++i) text += "é";
  const std::string encoded = encode_header(text);
  EXPECT_EQ(encoded.find("\r\n "), encoded.rfind("\r\n "));
  EXPECT_THAT(encoded, ::testing::EndsWith("=?UTF-8?B?w6nDqcOpw6k=?="));
}

}  // namespace
}  // namespace instapay::mail
