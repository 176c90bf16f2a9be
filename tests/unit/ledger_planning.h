#pragma once
// What tests of plans read like: plan_of(all(ask({pay(kA, kB, 60)})), known({{kA, 100}, {kB, 0}})).
#include <algorithm>
#include <string>
#include <vector>

#include "core/time.h"
#include "ledger/commit/plan.h"

namespace instapay::ledger::testing {

inline constexpr AccountId kA{Uuid::reserved(10)}, kB{Uuid::reserved(11)}, kC{Uuid::reserved(12)};
inline constexpr Uuid kOperator = Uuid::reserved(9);
inline constexpr Time kNow{20'000 * kDay_us};
inline const Position kPosition{7, 3, sha256("previous"), sha256("secret")};
inline constexpr const char* kCurrency = "EGP";

inline Known known(std::initializer_list<std::pair<AccountId, std::int64_t>> balances) {
  Known k;
  for (const auto& [id, balance] : balances)
    k.accounts.emplace(id, Account{.id = id, .seq = {40}, .balance = {balance}});
  return k;
}

inline Order pay(const AccountId& payer, const AccountId& payee, std::int64_t amount) {
  return {.payer = payer, .payee = payee, .amount = {amount}};
}
inline Order to_nobody(const AccountId& payer) {
  return {.payer = payer, .amount = {1}, .refused = Code::payee_not_found};
}
inline RequestKey key_of(const Uuid& principal, int key, int request = 1) {
  return {principal, Hash128{static_cast<std::uint8_t>(key)},
          Hash128{static_cast<std::uint8_t>(request)}};
}

using All = std::vector<SubmissionPtr>;

// Reads like what is asked: all(ask({…}), ask({…}, key)).
inline SubmissionPtr ask(std::vector<Order> orders, std::optional<RequestKey> key = std::nullopt) {
  auto submission = std::make_unique<Submission>();
  submission->orders = std::move(orders);
  submission->key = key;
  return submission;
}
inline SubmissionPtr ask(std::vector<Order> orders, int key, int request = 1) {
  const Uuid principal = orders.front().payer.uuid;
  return ask(std::move(orders), key_of(principal, key, request));
}
inline SubmissionPtr atomic(SubmissionPtr submission) {
  submission->atomic = true;
  return submission;
}
template <class... Each>
All all(Each... each) {
  All list;
  (list.push_back(std::move(each)), ...);
  return list;
}

inline Plan plan_of(const All& submissions, Known k, const Limits& limits = {}) {
  return plan_batch(submissions, std::move(k), {limits, kCurrency}, kPosition, kNow);
}

inline std::int64_t balance_in(const std::vector<Account>& accounts, const AccountId& id) {
  const auto found = std::ranges::find(accounts, id, &Account::id);
  return found == accounts.end() ? -1 : found->balance.minor;
}
inline std::vector<AccountId> ids_of(const std::vector<Account>& accounts) {
  std::vector<AccountId> ids;
  for (const Account& account : accounts) ids.push_back(account.id);
  return ids;
}
using Ids = std::vector<AccountId>;

// "ok", "replay" or the refusal's code.
inline std::string word(const Outcome& outcome) {
  if (!outcome) return std::string(info(outcome.error().code).name);
  return outcome->replayed ? "replay" : "ok";
}
inline std::vector<std::string> words(const Plan& plan) {
  std::vector<std::string> list;
  for (const auto& outcomes : plan.outcomes)
    for (const auto& outcome : outcomes) list.push_back(word(outcome));
  return list;
}
using Words = std::vector<std::string>;

}  // namespace instapay::ledger::testing
