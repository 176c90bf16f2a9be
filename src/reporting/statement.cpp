#include "reporting/statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/fields.h"
#include "core/time.h"
#include "documents/statement_formats.h"
#include "documents/statement_pdf.h"
#include "documents/statement_token.h"
#include "ledger/domain/transfer.h"
#include "queries/reporting.h"
#include "telemetry/log.h"

namespace instapay::reporting {
namespace {

using documents::kStatementDaysMax;
using documents::Statement;
using queries::reporting::ListStatementRow;

// The day on which clocks go back has 25 hours.
constexpr std::int64_t kSpanMax_us = kStatementDaysMax * kDay_us + 2 * 3600 * kSecond_us;
// What an empty one costs, in entries; and how many times as much as text paper does.
constexpr std::size_t kStatementCost = 100, kPaperFactor = 8;

documents::StatementEntry entry_of(const ListStatementRow& row) {
  documents::StatementEntry entry;
  entry.transaction = *row.transfer_id;
  entry.at = {*row.created_at, *row.created_local};
  entry.kind = name_of(static_cast<ledger::EntryKind>(*row.kind));
  entry.amount_minor = *row.amount;
  entry.balance_minor = *row.balance_after;
  entry.counterparty_username = row.username.value_or("");
  entry.counterparty_name = row.display_name.value_or("");
  entry.note = row.note.value_or("");
  if (row.refund_of) entry.refund_of = row.refund_of->to_string();
  return entry;
}

void read_head(Statement& statement, const ListStatementRow& row, const Range& range) {
  statement.opening_minor = row.opening;
  statement.closing_minor = row.closing;
  statement.read = {row.read_at, row.read_local};
  statement.begins = {range.begins_us, row.begins_local};
  statement.closes = {range.ends_us - 1, row.ends_local};
  if (statement.closes.utc_us > statement.read.utc_us) statement.closes = statement.read;
  // A range that has not begun yet.
  if (statement.closes.utc_us < statement.begins.utc_us) statement.closes = statement.begins;
}

using Rendered = std::expected<std::string, std::string>;

Rendered render(const Statement& statement, StatementFormat format, const std::string& language,
                const std::string& verify_url, const auth::SigningKeys& keys) {
  switch (format) {
    case StatementFormat::csv:
      return statement_csv(statement);
    case StatementFormat::camt053:
      return statement_camt053(statement);
    case StatementFormat::ofx:
      return statement_ofx(statement);
    case StatementFormat::mt940:
      return statement_mt940(statement).value_or("");
    case StatementFormat::pdf:
      break;
  }
  documents::PrintedStatement printed;
  printed.language = language;
  printed.csv = statement_csv(statement);
  printed.token = statement_token(statement, printed.csv, keys);
  printed.verify_url = verify_url + printed.token;
  return statement_pdf(statement, printed);
}

}  // namespace

Task<Result<Statement>> read_statement(Reading& reading, const StatementHolder& holder,
                                       const Range& range, std::string_view tz, Currency currency,
                                       int entries_max) {
  if (range.ends_us - range.begins_us > kSpanMax_us)
    co_return fail(Code::range_too_wide, fmt::format("A statement is of at most {} days: {}.",
                                                     kStatementDaysMax, kNarrowRange));
  pg::Params params;
  params.add(holder.account).add_time(range.begins_us).add_time(range.ends_us).add(tz);
  params.add(entries_max + 1);
  auto rows = co_await reading.query(queries::reporting::list_statement, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error(), kNarrowRange));
  const auto typed = pg::typed(queries::reporting::list_statement, std::move(*rows));
  if (typed.size() > entries_max)
    co_return fail(Code::range_too_wide, fmt::format("This statement has more than {} entries: {}.",
                                                     entries_max, kNarrowRange));
  Statement statement;
  statement.currency = currency;
  statement.account = holder.account;
  statement.username = holder.username;
  statement.holder = holder.display_name;
  statement.start = range.start;
  statement.end = range.end;
  statement.tz = tz;
  read_head(statement, typed.front(), range);
  for (const ListStatementRow& row : typed)
    if (row.transfer_id) statement.entries.push_back(entry_of(row));
  if (!is_balanced(statement)) {
    log::error("a statement does not add up; run `instapay audit`",
               {{"instapay.account", holder.account.to_string()}});
    co_return fail(Code::internal_error, "The entries do not add up to the balance.");
  }
  co_return statement;
}

Task<Result<std::string>> render_statement(Service& service, Statement statement,
                                           StatementFormat format, std::string language) {
  const bool on_paper = format == StatementFormat::pdf;
  const std::size_t cost =
      kStatementCost + statement.entries.size() * (on_paper ? kPaperFactor : 1);
  auto rendered = co_await service.renderer.run(
      cost, [statement = std::move(statement), format, language = std::move(language),
             verify_url = service.config.public_url + "/verify#", &keys = service.receipt_keys] {
        return render(statement, format, language, verify_url, keys);
      });
  if (!rendered)
    co_return fail({Code::overloaded, "Too many statements are being made right now."});
  if (!*rendered) {
    log::error("a statement could not be rendered", {{"error.message", rendered->error()}});
    co_return fail(Code::internal_error, "The statement could not be made.");
  }
  if ((*rendered)->empty())
    co_return fail_field("format", "out_of_range",
                         "MT940 has no room for an amount this large: choose another format.");
  co_return std::move(**rendered);
}

}  // namespace instapay::reporting
