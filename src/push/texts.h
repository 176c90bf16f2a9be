#pragma once
// What a push says: the sentences of the wallet's own list of notifications
// (web/src/i18n/<language>.notifications.json), so that both say the same. Pure and thread-safe.
#include <optional>
#include <string>
#include <string_view>

namespace instapay::push {

struct PushFacts {
  std::string_view kind, language;
  std::optional<std::string> amount = {};  // as it is to be read
  std::string_view person = {};            // empty: nobody
  bool shows_amounts = true;               // false: neither who nor how much
};

struct PushText {
  std::string title, body;
};

PushText text_of_push(const PushFacts& facts);

/// What kinds have in common: money, requests, holds, schedules, mandates, safety. It names their
/// title.
std::string_view group_of(std::string_view kind);

/// Whether there is such a sentence.
bool has_text(std::string_view kind, std::string_view language);

}  // namespace instapay::push
