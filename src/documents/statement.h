#pragma once
// One account's statement for a range of time: what it held, every movement, what it held then.
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "core/uuid.h"
#include "documents/times.h"

namespace instapay::documents {

struct StatementEntry {
  Uuid transaction;
  ZonedTime at;
  std::string_view kind;  // as on the wire: transfer, refund, …
  std::int64_t amount_minor = 0;
  std::int64_t balance_minor = 0;  // after it
  // Empty: one of the platform's own accounts.
  std::string counterparty_username, counterparty_name;
  std::string note;       // may be empty
  std::string refund_of;  // a transaction's id; empty: of none
};

struct Statement {
  Currency currency;
  Uuid account;
  std::string username, holder;
  std::string start, end, tz;  // as they were asked for
  ZonedTime begins;
  ZonedTime closes;  // the last moment that the closing balance is of: never after `read`
  ZonedTime read;
  std::int64_t opening_minor = 0, closing_minor = 0;
  std::vector<StatementEntry> entries;  // oldest first
};

struct StatementSums {
  Total in_minor = 0, out_minor = 0;  // both without a sign
  std::int64_t in_count = 0, out_count = 0;
};

StatementSums add_up(const Statement& statement);

/// Whether every balance follows from the one before it, and the closing one from the opening one.
/// What does not is never shown to anybody.
bool is_balanced(const Statement& statement);

/// Whether people pay people by it, as ledger::is_payment says of what has this name on the wire.
bool is_payment(const StatementEntry& entry);

/// Whom an entry is with, for people; the platform itself where it is none of its users.
std::string_view counterparty_of(const StatementEntry& entry);

/// "A*** H***": enough for who knows the name to know it again.
std::string masked_name(std::string_view name);

/// The first `max_chars` characters.
std::string_view first_chars(std::string_view utf8, std::size_t max_chars);

// One is read by one statement of the database and rendered in memory: 10,000 entries are some 15
// MB of XML. On paper an entry costs more: 2,500 are 100 pages.
inline constexpr int kStatementEntriesMax = 10'000;
inline constexpr int kStatementPdfEntriesMax = 2'500;
inline constexpr int kStatementDaysMax = 366;
// Of what waits to be rendered or is.
inline constexpr std::size_t kStatementsRenderingMax_entries = 20'000;

inline constexpr std::string_view kIssuerName = "Mini-InstaPay";

}  // namespace instapay::documents
