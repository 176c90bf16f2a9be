#pragma once
// The texts of mails, from src/mail/templates: one file for each kind and language, of which both
// the text and the HTML are made. Pure and thread-safe.
//
// A template is its subject's line, then paragraphs with blank lines between them. {name} stands
// for a value; a paragraph [label]({link}) is a link, in HTML a button.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace instapay::mail {

using Values = std::vector<std::pair<std::string_view, std::string>>;

struct Rendered {
  std::string subject, text, html;
};

/// What people wrote (a name) is escaped in HTML, and kept from turning the text around it. A kind
/// or language without a template and a value that is missing are bugs.
Rendered render(std::string_view kind, std::string_view language, const Values& values);

/// Whether there is such a template.
bool has_template(std::string_view kind, std::string_view language);

std::string escape_html(std::string_view text);

}  // namespace instapay::mail
