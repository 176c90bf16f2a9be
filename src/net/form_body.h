#pragma once
// A body of application/x-www-form-urlencoded.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace instapay::net {

inline constexpr std::size_t kFormFieldsMax = 32;

class Form {
 public:
  /// Nullopt: it is of another type, malformed, or has a name twice.
  static std::optional<Form> read(const Request& request);

  /// Empty where there is none: what is sent without a value counts as left out (RFC 6749 §3.2).
  std::string_view field(std::string_view name) const;
  bool has(std::string_view name) const { return !field(name).empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace instapay::net
