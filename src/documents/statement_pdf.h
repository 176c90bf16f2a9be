#pragma once
// A statement on paper: A4, in English or Arabic, with its CSV and its signed summary attached.
#include <expected>
#include <string>
#include <string_view>

#include "documents/statement.h"

namespace instapay::documents {

struct PrintedStatement {
  std::string_view language;  // "en" or "ar"
  std::string csv;            // statement_csv of it
  std::string token;          // statement_token of it
  std::string verify_url;     // where the QR leads, with the token
};

/// The error is for the log.
std::expected<std::string, std::string> statement_pdf(const Statement& statement,
                                                      const PrintedStatement& printed);

}  // namespace instapay::documents
