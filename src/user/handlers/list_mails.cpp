#include <fmt/format.h>

#include "mail/templates.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

using mail::escape_html;

// The page loads nothing and runs nothing; links in a mail open in a tab of their own.
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mails</title>
</head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:2em auto;padding:0 1em">
<main>
<h1>Mails</h1>
<p>What a mail server would have been given, newest first. Reload to see more.</p>
)";

std::string page(const std::vector<mail::Message>& messages) {
  std::string html(kHead);
  for (const auto& message : messages) {
    html += fmt::format(
        "<article>\n<h2 dir=\"auto\">{}</h2>\n<p>To {}, in <code>{}</code></p>\n"
        "<iframe title=\"{}\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\" "
        "srcdoc=\"{}\" "
        "style=\"width:100%;height:26em;border:1px solid #ccc\"></iframe>\n</article>\n",
        escape_html(message.subject), escape_html(message.to), escape_html(message.language),
        escape_html(message.subject), escape_html(message.html));
  }
  return html + "</main>\n</body>\n</html>\n";
}

std::string list(const std::vector<mail::Message>& messages) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("data").begin_array();
  for (const auto& message : messages) {
    json.begin_object().field("id", message.id).key("sentAt").time(message.date_us);
    json.field("to", message.to).field("language", message.language);
    json.field("subject", message.subject).field("text", message.text);
    json.field("html", message.html).end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace

net::Reply list_mails(Service& service, net::Request& request) {
  if (!service.config.shows_mails())
    co_return fail(Code::route_not_found, "There is no such endpoint.");
  const auto messages = service.mailbox.list();
  if (request.header("Accept").contains("application/json"))
    co_return net::Response::json(200, list(messages));
  net::Response response{200, "text/html; charset=utf-8", page(messages)};
  response.header("Content-Security-Policy", std::string(kPolicy));
  response.header("Cache-Control", "no-store");
  co_return response;
}

}  // namespace instapay::user
