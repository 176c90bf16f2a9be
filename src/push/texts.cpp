#include "push/texts.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <map>

#include "assets.h"
#include "core/check.h"
#include "core/text.h"

namespace instapay::push {
namespace {

// By "notifications.<kind>" and "push.<name>".
using Texts = std::map<std::string, std::string, std::less<>>;

Texts read_texts(std::string_view language) {
  const std::string path = fmt::format("web/src/i18n/{}.notifications.json", language);
  Texts texts;
  for (const auto& file : assets::kFiles) {
    if (file.path != path) continue;
    const auto document = boost::json::parse(file.text);
    for (const auto& [part, sentences] : document.as_object())
      for (const auto& [name, text] : sentences.as_object())
        texts.emplace(fmt::format("{}.{}", std::string_view(part), std::string_view(name)),
                      std::string_view(text.as_string()));
  }
  CHECK(!texts.empty());
  return texts;
}

const Texts& texts_of(std::string_view language) {
  static const Texts english = read_texts("en"), arabic = read_texts("ar");
  return language == "ar" ? arabic : english;
}

const std::string& find(const Texts& texts, std::string_view key) {
  const auto found = texts.find(key);
  CHECK(found != texts.end());
  return found->second;
}

// First strong isolate and its end: a name of the other direction does not turn the sentence.
std::string isolated(std::string_view text) {
  return fmt::format("\u2068{}\u2069", without_controls(text));
}

void replace(std::string& text, std::string_view name, const std::string& value) {
  const std::string mark = fmt::format("{{{{{}}}}}", name);
  if (const auto at = text.find(mark); at != std::string::npos)
    text.replace(at, mark.size(), value);
}

}  // namespace

std::string_view group_of(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kGroups{{
      {"money_", "money"},
      {"refund_", "money"},
      {"request_", "requests"},
      {"hold_", "holds"},
      {"schedule_", "schedules"},
      {"mandate_", "mandates"},
      {"draw_", "mandates"},
  }};
  for (const auto& [prefix, group] : kGroups)
    if (kind.starts_with(prefix)) return group;
  return "safety";
}

bool has_text(std::string_view kind, std::string_view language) {
  return texts_of(language).contains(fmt::format("notifications.{}", kind));
}

PushText text_of_push(const PushFacts& facts) {
  const Texts& texts = texts_of(facts.language);
  const std::string_view group = group_of(facts.kind);
  PushText text{find(texts, fmt::format("push.{}", group)), {}};
  if (!facts.shows_amounts && group != "safety") {
    text.body = find(texts, "push.hidden");
    return text;
  }
  // The payer of a request says how much, where it does not.
  std::string name(facts.kind);
  if (group == "requests" && !facts.amount) name += "_open";
  text.body =
      find(texts, has_text(name, facts.language) ? "notifications." + name : "notifications.other");
  replace(text.body, "name",
          facts.person.empty() ? find(texts, "notifications.somebody") : isolated(facts.person));
  replace(text.body, "amount", isolated(facts.amount.value_or("—")));
  return text;
}

}  // namespace instapay::push
