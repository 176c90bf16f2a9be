#pragma once
// What the ledger tells the world after its batches: which accounts have new entries. Short tags
// instead of ids, since a payload may have 8,000 bytes: a tag shared by two accounts only wakes
// somebody for nothing.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ledger/domain/account.h"

namespace instapay::ledger {

using AccountTag = std::uint32_t;
AccountTag tag_of(const Uuid& account);

inline constexpr std::string_view kListen = "LISTEN instapay_entries";

struct Notification {
  bool all = false;  // too many to name
  std::vector<AccountTag> tags;

  static Notification everybody() { return {true, {}}; }
  bool empty() const { return !all && tags.empty(); }
  void add(std::span<const Account> changed);

  /// The payload of NOTIFY; what cannot be read means everybody.
  static Notification parse(std::string_view payload);
  std::string to_payload() const;
};

}  // namespace instapay::ledger
