// Names that speak for the platform.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

#include "core/text.h"
#include "user/rules.h"

namespace instapay::user {
namespace {

// Nowhere in a name.
constexpr std::string_view kProduct = "instapay";

// Neither as a whole name nor as a word of one ("admin.cairo").
constexpr std::string_view kWords[] = {
    "abuse",        "admin",           "administration",  "administrator", "administrators",
    "admins",       "auditor",         "auditors",        "billing",       "compliance",
    "customercare", "customerservice", "customersupport", "helpdesk",      "hostmaster",
    "moderator",    "moderators",      "noreply",         "official",      "operator",
    "operators",    "postmaster",      "security",        "superuser",     "support",
    "sysadmin",     "sysop",           "webmaster"};

// Not as a whole name; as a word of one they are ordinary.
constexpr std::string_view kWholes[] = {
    "adminteam",  "anonymous",    "audit",       "bank",         "everyone",      "fees",
    "finance",    "fraud",        "help",        "helpcenter",   "helpteam",      "ledger",
    "legal",      "mailerdaemon", "nobody",      "notification", "notifications", "null",
    "payments",   "platform",     "refunds",     "root",         "securityteam",  "service",
    "settlement", "staff",        "supportteam", "system",       "treasury",      "undefined",
    "verified"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The letter that stands for each character of a name's look: digits as letters, i as l.
char letter_of(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
      return 'l';
    case '2':
      return 'z';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    case '6':
      return 'b';
    case '7':
      return 't';
    case '8':
      return 'b';
    case '9':
      return 'g';
    case 'i':
      return 'l';
    default:
      return c;
  }
}

// What all ways of writing a word have in common.
std::string essence(std::string_view word) {
  std::string out;
  char last = 0;
  for (const char c : look_of(word).folded) {
    if (c != last) out += letter_of(c);  // a letter twice is a way of writing it once
    last = c;
  }
  for (std::size_t at = 0; (at = out.find("vv", at)) != std::string::npos;) out.replace(at, 2, "w");
  return out;
}

using Essences = std::set<std::string, std::less<>>;

Essences essences(std::span<const std::string_view> words) {
  Essences out;
  for (const std::string_view word : words) out.insert(essence(word));
  return out;
}

std::string_view without_digits_around(std::string_view word) {
  while (!word.empty() && is_digit(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);
  return word;
}

// As it is, and without the digits around it: "admin1" is no other than "admin".
bool is_among(const Essences& reserved, std::string_view word) {
  return reserved.contains(essence(word)) ||
         reserved.contains(essence(without_digits_around(word)));
}

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("_.- ", begin), name.size());
    if (end > begin) words.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool is_reserved(std::string_view name) {
  static const Essences words = essences(kWords), wholes = essences(kWholes);
  static const std::string product = essence(kProduct);
  if (essence(name).contains(product)) return true;
  if (is_among(words, name) || is_among(wholes, name)) return true;
  return std::ranges::any_of(words_of(name),
                             [](std::string_view word) { return is_among(words, word); });
}

}  // namespace

bool is_reserved_username(std::string_view username) { return is_reserved(username); }
bool is_reserved_display_name(std::string_view name) { return is_reserved(name); }

}  // namespace instapay::user
