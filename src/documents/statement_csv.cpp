#include "core/csv.h"
#include "documents/statement_formats.h"

namespace instapay::documents {
namespace {

void write_balance(CsvWriter& csv, std::string_view type, ZonedTime at, std::int64_t balance_minor,
                   Currency currency) {
  csv.plain(type).plain(zoned_text(at));
  for (int i = 0; i < 7; ++i) csv.plain("");
  csv.amount(balance_minor, currency).end_row();
}

}  // namespace

std::string statement_csv(const Statement& statement) {
  std::string out;
  CsvWriter csv(out);
  for (const auto* name : {"type", "bookedAt", "transactionId", "kind", "counterpartyUsername",
                           "counterparty", "note", "refundOf", "amount", "balance"})
    csv.plain(name);
  csv.end_row();
  write_balance(csv, "opening", statement.begins, statement.opening_minor, statement.currency);
  for (const StatementEntry& entry : statement.entries) {
    csv.plain("entry").plain(zoned_text(entry.at)).plain(entry.transaction.to_string());
    csv.plain(entry.kind).text(entry.counterparty_username).text(entry.counterparty_name);
    csv.text(entry.note).plain(entry.refund_of).amount(entry.amount_minor, statement.currency);
    csv.amount(entry.balance_minor, statement.currency).end_row();
  }
  write_balance(csv, "closing", statement.closes, statement.closing_minor, statement.currency);
  return out;
}

}  // namespace instapay::documents
