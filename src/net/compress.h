#pragma once
// Content-Encoding of answers (RFC 9110, section 8.4).
#include "net/http.h"

namespace instapay::net {

/// Whether an Accept-Encoding header names this encoding, and not with a weight of zero.
bool accepts_encoding(std::string_view header, std::string_view encoding);

/// Gzips the answer of a GET or HEAD whose client takes that, when it is text of a length that is
/// worth it and does not keep an I/O thread long (kCompressMin_bytes, kCompressMax_bytes). Answers
/// that hold tokens are of other methods: what is secret is never compressed beside what others
/// chose. Streams and what is compressed already stay as they are.
void compress(const Request& request, Response& response);

}  // namespace instapay::net
