#pragma once
// Splits as handlers share them: reading one with its requests, and showing it.
#include <string_view>
#include <vector>

#include "queries/transaction.h"
#include "transaction/requests.h"

namespace instapay::transaction {

enum class SplitMode : std::int16_t { equal = 0, shares = 1, amounts = 2 };
inline constexpr std::string_view kSplitModes[] = {"equal", "shares", "amounts"};

/// One of those who were asked, and what they were asked for.
struct SplitPerson {
  AskedPayment asked;
  std::optional<std::int64_t> shares;  // nullopt: by amounts
};
struct Split {
  pg::TypedRows<queries::transaction::FindSplitRow> rows;  // one
  std::vector<SplitPerson> people;
};

/// Error: split_not_found, also where it is somebody else's and the caller is not staff.
Task<Result<Split>> find_split(Service& service, net::Principal viewer, Uuid id);

/// The members of a Split; the caller opens and closes the object.
void write_split(JsonWriter& json, const queries::transaction::FindSplitRow& row,
                 Currency currency);
/// The same with the people.
net::Response split_answer(int status, const Split& split, const net::Principal& viewer,
                           Currency currency);

}  // namespace instapay::transaction
