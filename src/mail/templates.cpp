#include "mail/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "assets.h"
#include "core/check.h"
#include "core/text.h"

namespace instapay::mail {
namespace {

constexpr std::string_view kFolder = "src/mail/templates/";
constexpr std::string_view kSubject = "Subject: ";

constexpr std::string_view kParagraph = R"(<p style="margin:0 0 16px">)";
constexpr std::string_view kButton =
    R"(<p style="margin:24px 0"><a href="{}" target="_blank" rel="noreferrer" style="display:inline-block;padding:12px 20px;)"
    R"(border-radius:8px;background:#0b5d4e;color:#ffffff;text-decoration:none">{}</a></p>)";

std::optional<std::string_view> find_asset(std::string_view name) {
  for (const auto& file : assets::kFiles)
    if (file.path.starts_with(kFolder) && file.path.substr(kFolder.size()) == name)
      return file.text;
  return std::nullopt;
}

std::optional<std::string_view> find_template(std::string_view kind, std::string_view language) {
  return find_asset(fmt::format("{}.{}.txt", kind, language));
}

const std::string& value_of(const Values& values, std::string_view name) {
  const auto found = std::ranges::find(values, name, &Values::value_type::first);
  CHECK(found != values.end());
  return found->second;
}

using Write = std::function<std::string(std::string_view)>;

// The text with its values put in.
std::string fill(std::string_view text, const Values& values, const Write& plain,
                 const Write& value) {
  std::string out;
  for (;;) {
    const auto begin = text.find('{');
    out += plain(text.substr(0, begin));
    if (begin == std::string_view::npos) return out;
    const auto end = text.find('}', begin);
    CHECK(end != std::string_view::npos);
    out += value(without_controls(value_of(values, text.substr(begin + 1, end - begin - 1))));
    text.remove_prefix(end + 1);
  }
}

std::string as_it_is(std::string_view text) { return std::string(text); }
// First strong isolate and its end: a name of the other direction does not turn the sentence.
std::string isolated(std::string_view text) { return fmt::format("\u2068{}\u2069", text); }
std::string isolated_html(std::string_view text) {
  return fmt::format("<bdi>{}</bdi>", escape_html(text));
}

struct Link {
  std::string_view label, target;
};
std::optional<Link> link_in(std::string_view paragraph) {
  const auto middle = paragraph.find("](");
  if (!paragraph.starts_with('[') || middle == std::string_view::npos || !paragraph.ends_with(')'))
    return std::nullopt;
  return Link{paragraph.substr(1, middle - 1),
              paragraph.substr(middle + 2, paragraph.size() - middle - 3)};
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool has_template(std::string_view kind, std::string_view language) {
  return find_template(kind, language).has_value();
}

Rendered render(std::string_view kind, std::string_view language, const Values& values) {
  const auto found = find_template(kind, language);
  const auto layout = find_asset("layout.html");
  CHECK(found && layout && found->starts_with(kSubject));
  std::string_view rest = *found;
  const auto line_end = rest.find('\n');
  Rendered mail;
  mail.subject = rest.substr(kSubject.size(), line_end - kSubject.size());
  rest.remove_prefix(line_end);
  std::string body;
  while (!rest.empty()) {
    const auto begin = rest.find_first_not_of('\n');
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    const auto end = std::min(rest.find("\n\n"), rest.size());
    std::string_view paragraph = rest.substr(0, end);
    rest.remove_prefix(end);
    while (paragraph.ends_with('\n')) paragraph.remove_suffix(1);
    if (const auto link = link_in(paragraph)) {
      const std::string target = fill(link->target, values, as_it_is, as_it_is);
      mail.text += fmt::format("{}:\n{}\n\n", link->label, target);
      body += fmt::format(fmt::runtime(kButton), escape_html(target), escape_html(link->label));
    } else {
      mail.text += fill(paragraph, values, as_it_is, isolated) + "\n\n";
      body += fmt::format("{}{}</p>\n", kParagraph,
                          fill(paragraph, values, escape_html, isolated_html));
    }
  }
  mail.html = fill(*layout,
                   {{"lang", std::string(language)},
                    {"dir", language == "ar" ? "rtl" : "ltr"},
                    {"title", escape_html(mail.subject)},
                    {"body", body}},
                   as_it_is, as_it_is);
  return mail;
}

}  // namespace instapay::mail
