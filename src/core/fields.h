#pragma once
// Reads the fields of a JSON object against what an endpoint declares, and collects every
// mistake, so that a client is told all of them at once.
//
//   Fields fields(body);
//   auto email = fields.text("email", {.max_chars = 254});
//   auto amount = fields.amount("amount", currency);
//   if (auto error = fields.finish()) return fail(std::move(*error));
//
// A getter that found a mistake returns an empty value; nothing may be done with the values
// before finish() has returned nullopt. Fields nobody asked for are unknown_field.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/money.h"
#include "core/text.h"

namespace instapay {

struct TextRule {
  std::size_t min_chars = 1;
  std::size_t max_chars = 255;
  TextKind kind = TextKind::prose;
};

/// Mistakes in the order in which they were found: the first kFieldErrorsMax, and how many in all.
class FieldErrors {
 public:
  void add(FieldError error);
  /// Counts mistakes without their text.
  void count(std::size_t more) { total_ += more; }

  bool empty() const { return total_ == 0; }
  bool is_full() const { return listed_.size() == kFieldErrorsMax; }
  std::size_t total() const { return total_; }
  std::vector<FieldError>& listed() { return listed_; }

 private:
  std::vector<FieldError> listed_;
  std::size_t total_ = 0;
};

class Fields {
 public:
  /// `prefix` names where the object stands ("transfers[3]."), for nested ones.
  explicit Fields(const Json& object, std::string prefix = {});

  /// Required; blanks at both ends are not part of it. The rules of core/text.h hold; a name is
  /// tidied before it is counted.
  std::string text(std::string_view name, TextRule rule = {});
  /// Absent or null: nullopt.
  std::optional<std::string> optional_text(std::string_view name, TextRule rule = {});
  /// As it stands, untrimmed, any length: passwords and tokens.
  std::string secret(std::string_view name);
  std::int64_t amount(std::string_view name, Currency currency, bool may_be_negative = false);
  std::optional<std::int64_t> optional_amount(std::string_view name, Currency currency);
  /// A whole number; absent or null: nullopt.
  std::optional<std::int32_t> optional_integer(std::string_view name, std::int32_t min,
                                               std::int32_t max);
  /// RFC 3339, in microseconds of Unix time.
  std::int64_t time(std::string_view name);
  std::optional<std::int64_t> optional_time(std::string_view name);
  bool flag(std::string_view name, bool fallback);
  const Json* array(std::string_view name, std::size_t min_items, std::size_t max_items);
  /// Required, to be read by Fields of its own.
  const Json* object(std::string_view name);
  std::optional<std::string> choice(std::string_view name,
                                    std::span<const std::string_view> allowed);

  bool has(std::string_view name) const { return object_.find(name) != nullptr; }
  /// Whether a mistake was found in the field so far: one is enough for each.
  bool has_error(std::string_view name) const;
  void add_error(std::string_view name, std::string_view code, std::string detail);
  /// Fields nobody asked for are no mistake: the object is somebody else's, and may grow.
  void ignore_others() { ignores_others_ = true; }
  /// A field that may not be there, if it is.
  void refuse(std::string_view name, std::string_view code, std::string detail);

  /// Adds unknown_field for what was not asked for; the mistakes so far, if any.
  std::optional<Error> finish();
  /// The same, moved into the caller's list (nested objects).
  void finish_into(FieldErrors& errors);

 private:
  const Json* take(std::string_view name);
  const Json* take_of(std::string_view name, Json::Kind kind, std::string_view kind_name,
                      bool required);

  const Json& object_;
  std::string prefix_;
  std::vector<std::string_view> asked_;
  std::vector<FieldError> errors_;
  bool ignores_others_ = false;
};

/// The mistakes as one validation_failed error; says how many are not listed.
Error validation_error(FieldErrors fields);

}  // namespace instapay
