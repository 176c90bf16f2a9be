#pragma once
// How many, and how much altogether: what reports are made of.
#include "core/json.h"

namespace instapay::reporting {

struct Sum {
  std::int64_t count = 0;
  Total amount_minor = 0;

  bool operator==(const Sum&) const = default;

  Sum& operator+=(const Sum& other) {
    count += other.count;
    amount_minor += other.amount_minor;
    return *this;
  }
};

/// The members "count" and "amount".
inline void write_sum(JsonWriter& json, const Sum& sum, Currency currency) {
  json.field("count", sum.count).key("amount").amount(sum.amount_minor, currency);
}

}  // namespace instapay::reporting
