#pragma once
// What a printed statement's QR carries: its facts, signed with the key of receipts under a type of
// their own. It proves what the page says, not that the page was not drawn upon: who has the file
// has its entries too (`sha256` is that of the CSV in it).
#include <string>
#include <string_view>

#include "auth/signing_key.h"
#include "documents/statement.h"

namespace instapay::documents {

/// `csv`: statement_csv of it.
std::string statement_token(const Statement& statement, std::string_view csv,
                            const auth::SigningKeys& keys);

}  // namespace instapay::documents
