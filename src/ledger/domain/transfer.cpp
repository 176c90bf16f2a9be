#include "ledger/domain/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace instapay::ledger {
namespace {

constexpr std::pair<EntryKind, std::string_view> kKinds[] = {
    {EntryKind::transfer, "transfer"}, {EntryKind::refund, "refund"},
    {EntryKind::opening, "opening"},   {EntryKind::adjustment, "adjustment"},
    {EntryKind::control, "control"},   {EntryKind::hold, "hold"},
    {EntryKind::release, "release"},   {EntryKind::capture, "capture"},
};

std::optional<Code> parse_code(std::string_view name) {
  for (const CodeInfo& code : all_codes())
    if (code.name == name) return code.code;
  return std::nullopt;
}

// The text up to the separator, which is taken away with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

bool read_number(std::string_view text, auto& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

constexpr std::string_view kAuthorizationHead = R"({"authorization":")",
                           kAuthorizationTail = R"("})";

}  // namespace

std::string_view name_of(EntryKind kind) {
  for (const auto& [each, name] : kKinds)
    if (each == kind) return name;
  return "unknown";
}

std::optional<EntryKind> parse_entry_kind(std::string_view name) {
  for (const auto& [kind, each] : kKinds)
    if (each == name) return kind;
  return std::nullopt;
}

// 3:insufficient_funds:5000:0:0;7:payee_not_found:0:0:0
std::string format_refused_items(const Outcomes& outcomes) {
  std::string line;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i]) continue;
    const Refusal& why = outcomes[i].error();
    fmt::format_to(std::back_inserter(line), "{}{}:{}:{}:{}:{}", line.empty() ? "" : ";", i,
                   info(why.code).name, why.available.minor, why.limit.minor, why.resets.us);
  }
  return line;
}

std::optional<std::vector<std::pair<std::size_t, Refusal>>> parse_refused_items(
    std::string_view line) {
  std::vector<std::pair<std::size_t, Refusal>> items;
  if (line.ends_with(';')) return std::nullopt;
  while (!line.empty()) {
    std::string_view item = take_until(line, ';');
    if (std::ranges::count(item, ':') != 4) return std::nullopt;
    std::size_t index = 0;
    Refusal refusal;
    const bool numbered = read_number(take_until(item, ':'), index);
    const auto code = parse_code(take_until(item, ':'));
    if (!numbered || !code || !read_number(take_until(item, ':'), refusal.available.minor) ||
        !read_number(take_until(item, ':'), refusal.limit.minor) ||
        !read_number(take_until(item, ':'), refusal.resets.us) || !item.empty())
      return std::nullopt;
    if (!items.empty() && index <= items.back().first) return std::nullopt;
    refusal.code = *code;
    items.emplace_back(index, std::move(refusal));
  }
  return items;
}

std::string change_of_authorization(const Hash256& hash) {
  return fmt::format("{}{}{}", kAuthorizationHead, to_hex(hash), kAuthorizationTail);
}

std::optional<Hash256> authorization_of(const Transfer& transfer) {
  std::string_view text = transfer.change;
  if (!text.starts_with(kAuthorizationHead) || !text.ends_with(kAuthorizationTail))
    return std::nullopt;
  text.remove_prefix(kAuthorizationHead.size());
  text.remove_suffix(kAuthorizationTail.size());
  Hash256 hash{};
  return from_hex(text, hash) ? std::optional(hash) : std::nullopt;
}

}  // namespace instapay::ledger
