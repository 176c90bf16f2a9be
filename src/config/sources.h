#pragma once
// Where the value of a setting comes from: the command line, else the environment, else the file
// that NAME_FILE names (secrets), else its default. Empty is as good as not given. Also finds
// variables that look like a setting and are none. Reads the environment; not thread-safe.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace instapay {

/// Values by setting name that the command line gave.
using RawSettings = std::map<std::string, std::string, std::less<>>;

enum class Origin : std::uint8_t { by_default, file, environment, command_line };

struct SettingValue {
  std::string text;
  Origin origin = Origin::by_default;
  std::string where;  // the file's path, the variable or the flag; empty: its default
};

class Sources {
 public:
  explicit Sources(const RawSettings& flags) : flags_(flags) {}

  SettingValue find(const Setting& setting);

  /// Files that were named and cannot be read: the variable, and a sentence. Each once.
  struct Unreadable {
    std::string variable, problem;
  };
  const std::vector<Unreadable>& unreadable() const { return unreadable_; }

 private:
  const std::string& from_file(const std::string& variable, const char* path);

  const RawSettings& flags_;
  std::map<std::string, std::string> files_;  // content by the variable that names it
  std::vector<Unreadable> unreadable_;
};

struct Misspelt {
  std::string variable;
  std::string nearest;  // what is known and most like it

  std::string sentence() const;
};

/// Variables ("NAME=value") that are no setting but much like one: a slip of few letters, or, where
/// the first word is a setting's, a part of its name or more than that.
std::vector<Misspelt> find_misspelt(const std::vector<std::string_view>& environment);
/// The same for this process's environment.
std::vector<Misspelt> find_misspelt();

/// Every setting with its value and where that came from; secrets are only said to be set. `json`:
/// for programs. What cannot be read goes to `problems`.
std::string effective_settings(const RawSettings& flags, bool json,
                               std::vector<std::string>& problems);

}  // namespace instapay
