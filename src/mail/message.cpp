#include "mail/message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "core/sha256.h"
#include "core/text.h"
#include "core/time.h"
#include "core/utf8.h"

namespace instapay::mail {
namespace {

constexpr std::size_t kBodyLine_bytes = 57;  // 76 characters of base64 (RFC 2045)
// RFC 2047: a line with an encoded word has 76 characters at most, a header's name among them.
constexpr std::size_t kEncodedWord_bytes = 39;
constexpr std::size_t kPlainHeaderMax_chars = 60;

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

bool is_plain(std::string_view text) {
  return text.size() <= kPlainHeaderMax_chars && !text.contains("=?") &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

// In a phrase only letters, digits and blanks need no quotes.
bool is_atoms(std::string_view text) {
  return is_plain(text) && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == ' ' || c == '-';
         });
}

std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const std::size_t next = std::max<std::size_t>(utf8_char_size(text.substr(size)), 1);
      if (size + next > kEncodedWord_bytes) break;
      size += next;
    }
    if (!words.empty()) words += "\r\n ";
    words += fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return words;
}

std::string mailbox(std::string_view name, std::string_view address) {
  const std::string line = without_controls(name);
  if (line.empty()) return fmt::format("<{}>", without_controls(address));
  return fmt::format("{} <{}>", is_atoms(line) ? line : encoded_words(line) + "\r\n",
                     without_controls(address));
}

std::string part(std::string_view type, std::string_view content) {
  std::string out = fmt::format(
      "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", type);
  for (; !content.empty(); content.remove_prefix(std::min(kBodyLine_bytes, content.size())))
    out += base64(content.substr(0, kBodyLine_bytes)) + "\r\n";
  return out;
}

}  // namespace

std::string encode_header(std::string_view utf8) {
  const std::string line = without_controls(utf8);
  return is_plain(line) ? line : encoded_words(line);
}

std::string write_message(const Message& message) {
  const auto date = fmt::gmtime(static_cast<std::time_t>(message.date_us / kSecond_us));
  // Base64 has no '_', so no line of a part can be the boundary.
  const std::string boundary = fmt::format("=_{}", to_hex(sha256(message.id)).substr(0, 32));
  std::string out;
  out += fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n", date);
  out += fmt::format("From: {}\r\n", mailbox(message.from_name, message.from));
  out += fmt::format("To: {}\r\n", mailbox(message.to_name, message.to));
  out += fmt::format("Subject: {}\r\n", encode_header(message.subject));
  out += fmt::format("Message-ID: <{}>\r\n", without_controls(message.id));
  out += fmt::format("Content-Language: {}\r\n", without_controls(message.language));
  // RFC 3834: no vacation notice answers it.
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n{}", boundary, part("text/plain", message.text));
  out += fmt::format("--{}\r\n{}", boundary, part("text/html", message.html));
  out += fmt::format("--{}--\r\n", boundary);
  return out;
}

}  // namespace instapay::mail
