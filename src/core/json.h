#pragma once
// JSON in (a tree whose numbers keep their exact text, so that money never meets a float) and
// JSON out (an appending writer). RFC 8259; duplicate keys and bad UTF-8 are refused.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/money.h"
#include "core/uuid.h"

namespace instapay {

struct JsonMember;

struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;  // a string's value; a number's text as it was sent
  std::vector<Json> items;
  std::vector<JsonMember> members;

  /// The member of an object, or nullptr.
  const Json* find(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  Json value;
};

/// Counts what parsing costs beyond a walk over the text, for the tests that hold it to a constant
/// factor of the text's size.
struct JsonWork {
  std::size_t name_comparisons = 0;
};

/// Errors: invalid_json, with what and where. Takes time in proportion to the text: objects have at
/// most kJsonMembersMax members, whose names are compared with each other.
Result<Json> parse_json(std::string_view text, JsonWork* work = nullptr);

/// Appends JSON to a string; commas and escapes are its business, and that it is UTF-8: each byte
/// of a text that is not becomes U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool boolean);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(const Uuid& id);
  JsonWriter& null();
  JsonWriter& amount(Total minor, Currency currency);
  JsonWriter& time(std::int64_t unix_us);
  JsonWriter& amount_or_null(std::optional<std::int64_t> minor, Currency currency);
  JsonWriter& time_or_null(std::optional<std::int64_t> unix_us);
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }
  /// The text, or null where there is none.
  JsonWriter& field_or_null(std::string_view name, std::string_view text);

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void comma();

  std::string& out_;
  bool first_ = true;
};

}  // namespace instapay
