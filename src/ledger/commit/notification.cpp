#include "ledger/commit/notification.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace instapay::ledger {
namespace {

constexpr std::size_t kTagChars = 8;
constexpr std::size_t kTagsMax = 900;  // 7,200 of the 8,000 bytes of a payload
constexpr std::string_view kEverybody = "*";

}  // namespace

AccountTag tag_of(const Uuid& account) {
  // The last bytes are random in a version 7 id.
  AccountTag tag = 0;
  std::memcpy(&tag, account.bytes.data() + 12, sizeof tag);
  return tag;
}

void Notification::add(std::span<const Account> changed) {
  if (all || tags.size() + changed.size() > kTagsMax) {
    *this = everybody();
    return;
  }
  for (const Account& account : changed)
    if (account.kind == AccountKind::wallet) tags.push_back(tag_of(account.id.uuid));
}

Notification Notification::parse(std::string_view payload) {
  if (payload.size() % kTagChars != 0) return everybody();
  Notification notification;
  for (; !payload.empty(); payload.remove_prefix(kTagChars)) {
    AccountTag tag = 0;
    const auto [end, error] = std::from_chars(payload.data(), payload.data() + kTagChars, tag, 16);
    if (error != std::errc() || end != payload.data() + kTagChars) return everybody();
    notification.tags.push_back(tag);
  }
  return notification;
}

std::string Notification::to_payload() const {
  if (all) return std::string(kEverybody);
  std::string payload;
  payload.reserve(tags.size() * kTagChars);
  for (const AccountTag tag : tags) fmt::format_to(std::back_inserter(payload), "{:08x}", tag);
  return payload;
}

}  // namespace instapay::ledger
