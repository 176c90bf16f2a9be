#pragma once
// The public keys of receipts and chain heads, and the files that they verify, as commands are
// given them.
#include <expected>
#include <string>

#include "auth/signing_key.h"

namespace instapay::app {

/// A file's text without blanks at its end; "-": standard input. What is longer than `max_bytes` is
/// cut one byte after it: enough to see that it is too long.
std::expected<std::string, std::string> read_text(const std::string& path, std::size_t max_bytes);

/// From a JWKS file, or a URL: https, or http on this host.
std::expected<auth::KeySet, std::string> read_receipt_keys(const std::string& where);

}  // namespace instapay::app
