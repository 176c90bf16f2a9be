#pragma once
// One e-mail as it travels (RFC 5322, MIME): text and HTML of the same content. Pure and
// thread-safe.
#include <cstdint>
#include <string>
#include <string_view>

namespace instapay::mail {

struct Message {
  std::string id;  // unique, without brackets: the same for every attempt to send it
  std::int64_t date_us = 0;
  std::string from_name;  // UTF-8, as are all texts here
  std::string from;       // addresses as core/email.h normalizes them
  std::string to_name;
  std::string to;
  std::string language;
  std::string subject, text, html;
};

/// With CRLF line ends and in ASCII only, whatever the texts are. No text can begin a header of its
/// own: control characters become blanks, and what is not plain is encoded (RFC 2047).
std::string write_message(const Message& message);

/// A header's text as encoded words (RFC 2047), folded; as it is when it is short and plain.
std::string encode_header(std::string_view utf8);

}  // namespace instapay::mail
