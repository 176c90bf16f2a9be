#include "user/user_agent.h"

#include <algorithm>
#include <utility>

namespace instapay::user {
namespace {

// The first that is found counts: many browsers also say that they are others.
using Names = std::pair<std::string_view, std::string_view>;
constexpr Names kBrowsers[] = {{"Edg/", "Edge"},
                               {"EdgA/", "Edge"},
                               {"EdgiOS/", "Edge"},
                               {"OPR/", "Opera"},
                               {"SamsungBrowser/", "Samsung Internet"},
                               {"Firefox/", "Firefox"},
                               {"FxiOS/", "Firefox"},
                               {"Chrome/", "Chrome"},
                               {"CriOS/", "Chrome"},
                               {"Safari/", "Safari"}};
constexpr Names kSystems[] = {{"iPhone", "iPhone"},   {"iPad", "iPad"},      {"Android", "Android"},
                              {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"},
                              {"Linux", "Linux"}};
constexpr std::size_t kToolMax_chars = 32;

std::string_view name_in(std::string_view agent, auto& names) {
  const auto* found =
      std::ranges::find_if(names, [&](const Names& entry) { return agent.contains(entry.first); });
  return found == std::end(names) ? std::string_view() : found->second;
}

// "curl" of "curl/8.1": what programs say of themselves.
std::string_view tool_in(std::string_view agent) {
  constexpr std::string_view kName =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return agent.substr(0, std::min(agent.find_first_not_of(kName), kToolMax_chars));
}

}  // namespace

std::string describe_device(std::string_view user_agent, std::string_view address) {
  const std::string_view system = name_in(user_agent, kSystems);
  std::string_view program = name_in(user_agent, kBrowsers);
  if (program.empty() && system.empty()) program = tool_in(user_agent);
  std::string text;
  const auto add = [&](std::string_view part, std::string_view between) {
    if (part.empty()) return;
    if (!text.empty()) text += between;
    text += part;
  };
  add(program, "");
  add(system, " · ");
  add(address, ", ");
  return text;
}

}  // namespace instapay::user
