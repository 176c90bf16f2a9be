#include "config/sources.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numeric>
#include <set>

#include "core/json.h"

namespace instapay {
namespace {

constexpr std::string_view kFileEnding = "_FILE";
constexpr std::string_view kMasked = "********";

std::string file_variable(std::string_view name) {
  return std::string(name) + std::string(kFileEnding);
}

std::string_view name_of(Origin origin) {
  constexpr std::string_view kNames[] = {"default", "file", "environment", "command line"};
  return kNames[static_cast<std::size_t>(origin)];
}

// Letters to insert, remove, replace or swap with the next one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('_', at), name.size());
    words.push_back(name.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// One slip, or more in a long name whose first word is right: SSL_CERT_FILE is OpenSSL's.
bool slipped(std::string_view variable, std::string_view known, std::size_t distance) {
  return distance <= 1 ||
         (distance <= known.size() / 6 && words_of(variable).front() == words_of(known).front());
}

// Whether one is the other with words left out: JWT_KEY for JWT_PRIVATE_KEY, or written on:
// INSTAPAY_ENVIRONMENT for INSTAPAY_ENV. One word alone is too little: USER and MAIL are the
// shell's.
bool shortened_or_longer(std::string_view variable, std::string_view known) {
  const auto words = words_of(variable), all = words_of(known);
  if (words.size() < 2 || words.front() != all.front()) return false;
  if (variable.starts_with(known) || known.starts_with(variable)) return true;
  auto at = all.begin();
  return std::ranges::all_of(words, [&](std::string_view word) {
    at = std::find(at, all.end(), word);
    return at != all.end() && ++at != all.begin();
  });
}

std::vector<std::string> known_variables() {
  std::vector<std::string> known;
  for (const Setting& setting : all_settings()) {
    known.emplace_back(setting.name);
    if (setting.secret) known.push_back(file_variable(setting.name));
  }
  return known;
}

}  // namespace

SettingValue Sources::find(const Setting& setting) {
  if (const auto flag = flags_.find(setting.name); flag != flags_.end() && !flag->second.empty())
    return {flag->second, Origin::command_line, flag_of(setting.name)};
  const std::string name(setting.name);
  if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0')
    return {value, Origin::environment, name};
  const std::string variable = file_variable(name);
  if (const char* path = setting.secret ? std::getenv(variable.c_str()) : nullptr;
      path != nullptr && *path != '\0')
    if (const std::string& content = from_file(variable, path); !content.empty())
      return {content, Origin::file, path};
  return {std::string(setting.default_value), Origin::by_default, {}};
}

// Read once, so that a file that cannot be read is one mistake.
const std::string& Sources::from_file(const std::string& variable, const char* path) {
  const auto [found, is_new] = files_.try_emplace(variable);
  std::string& content = found->second;
  if (!is_new) return content;
  std::ifstream file(path);
  if (!file) {
    unreadable_.push_back({variable, fmt::format("names a file that cannot be read: {}", path)});
    return content;
  }
  content.assign(std::istreambuf_iterator<char>(file), {});
  while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
  return content;
}

std::string Misspelt::sentence() const {
  return fmt::format("{} is no setting and is not read; did you mean {}?", variable, nearest);
}

std::vector<Misspelt> find_misspelt(const std::vector<std::string_view>& environment) {
  const std::vector<std::string> known = known_variables();
  std::vector<Misspelt> found;
  for (const std::string_view line : environment) {
    const std::string_view variable = line.substr(0, line.find('='));
    if (std::ranges::find(known, variable) != known.end()) continue;
    const std::string* nearest = nullptr;
    std::size_t least = 0;
    for (const std::string& name : known) {
      const std::size_t distance = edit_distance(variable, name);
      if (!slipped(variable, name, distance) && !shortened_or_longer(variable, name)) continue;
      if (nearest != nullptr && distance >= least) continue;
      nearest = &name;
      least = distance;
    }
    if (nearest != nullptr) found.push_back({std::string(variable), *nearest});
  }
  std::ranges::sort(found, {}, &Misspelt::variable);
  return found;
}

std::vector<Misspelt> find_misspelt() {
  std::vector<std::string_view> lines;
  for (char** line = environ; line != nullptr && *line != nullptr; ++line)
    lines.emplace_back(*line);
  return find_misspelt(lines);
}

std::string effective_settings(const RawSettings& flags, bool json,
                               std::vector<std::string>& problems) {
  Sources sources(flags);
  std::string text;
  JsonWriter writer(text);
  if (json) writer.begin_object().key("data").begin_array();
  for (const Setting& setting : all_settings()) {
    const SettingValue value = sources.find(setting);
    const std::string_view shown =
        setting.secret && !value.text.empty() ? kMasked : std::string_view(value.text);
    if (json) {
      writer.begin_object().field("name", setting.name).field("value", shown);
      writer.field("secret", setting.secret).field("origin", name_of(value.origin));
      writer.field("where", value.where).end_object();
    } else {
      text += fmt::format("  {:26} {:30} {}{}\n", setting.name, shown.empty() ? "unset" : shown,
                          name_of(value.origin),
                          value.where.empty() ? "" : fmt::format(" ({})", value.where));
    }
  }
  if (json) writer.end_array().end_object();
  for (const auto& [variable, problem] : sources.unreadable())
    problems.push_back(fmt::format("{} {}", variable, problem));
  return json ? text + "\n" : text;
}

}  // namespace instapay
