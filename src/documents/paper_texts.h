#pragma once
// What is printed, in the languages that there are.
#include <string_view>

#include "documents/paper.h"

namespace instapay::documents {

struct PaperTexts {
  Direction direction;
  std::string_view statement_title, account_holder, account, period, time_zone, made_at;
  std::string_view opening, money_in, money_out, closing;
  std::string_view date, description, amount, balance;
  std::string_view verify, page, nothing, as_of;
  std::string_view receipt_title, from, to, paid_at, kind, note, payment, refund_of, ledger, proven;
  // Kinds of entries.
  std::string_view transfer_in, transfer_out, refund, opening_entry, adjustment, other;
};

/// "ar", else English.
const PaperTexts& paper_texts(std::string_view language);
/// Of a kind as on the wire, whoever paid whom.
std::string_view kind_text(const PaperTexts& texts, std::string_view kind);

}  // namespace instapay::documents
