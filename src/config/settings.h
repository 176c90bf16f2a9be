#pragma once
// The one list of settings: which processes use each, whether it is secret, and what production
// demands. `instapay config` prints it; parse_config, the compose files, the manifests and the
// table of docs/operations.md are held to it.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace instapay {

/// What is deployed as a process of its own; a set of them is the sum of their bits.
using Processes = std::uint8_t;
inline constexpr Processes kUser = 1, kTransaction = 2, kReporting = 4;
inline constexpr Processes kAll = 8;  // `serve all`: the three services and the gateway in one
inline constexpr Processes kMigrate = 16, kAudit = 32, kSeed = 64, kHeads = 128;
inline constexpr Processes kServices = kUser | kTransaction | kReporting | kAll;
inline constexpr Processes kCommands = kMigrate | kAudit | kSeed | kHeads;

struct Setting {
  std::string_view name;  // environment variable; the flag is --its-name-in-lower-case
  std::string_view default_value;
  std::string_view help;
  Processes used_by = 0;
  /// Those that do not start in production while it is unset or empty.
  Processes required_by = 0;
  /// What production demands besides, for people.
  std::string_view demand = {};
  bool secret = false;  // may come from a file: NAME_FILE
  /// One value for the whole installation: whoever uses it must be given the same.
  bool shared = false;
};

/// Every setting, in the order of the documentation.
std::span<const Setting> all_settings();

/// nullptr: there is no such setting.
const Setting* find_setting(std::string_view name);

/// The flag of a setting: USER_PORT is --user-port.
std::string flag_of(std::string_view name);

/// The list for people, and for programs.
std::string settings_text();
std::string settings_json();

}  // namespace instapay
