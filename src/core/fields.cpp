#include "core/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/time.h"
#include "core/utf8.h"

namespace instapay {
namespace {

constexpr std::size_t kTimeMax_chars = 40;

}  // namespace

Fields::Fields(const Json& object, std::string prefix)
    : object_(object), prefix_(std::move(prefix)) {
  if (object.kind != Json::Kind::object) {
    std::string where = prefix_.empty() ? "body" : prefix_.substr(0, prefix_.size() - 1);
    errors_.push_back({std::move(where), "wrong_type", "A JSON object is expected."});
  }
}

const Json* Fields::take(std::string_view name) {
  asked_.push_back(name);
  return object_.find(name);
}

const Json* Fields::take_of(std::string_view name, Json::Kind kind, std::string_view kind_name,
                            bool required) {
  const Json* value = take(name);
  if (value == nullptr || (!required && value->kind == Json::Kind::null)) {
    if (required && object_.kind == Json::Kind::object)
      add_error(name, "required", fmt::format("{} is required.", name));
    return nullptr;
  }
  if (value->kind == kind) return value;
  add_error(name, "wrong_type", fmt::format("{} must be {}.", name, kind_name));
  return nullptr;
}

std::string Fields::text(std::string_view name, TextRule rule) {
  const Json* value = take_of(name, Json::Kind::string, "a string", true);
  if (value == nullptr) return {};
  std::string text(trim_blanks(value->text));
  auto problem = find_problem(text, rule.kind);
  if (!problem && rule.kind == TextKind::name) {
    text = tidy_name(text);
    problem = find_problem(text, rule.kind);
  }
  const std::size_t chars = count_chars(text);
  if (chars < rule.min_chars) {
    add_error(name, chars == 0 ? "required" : "too_short",
              fmt::format("{} must have at least {} characters.", name, rule.min_chars));
  } else if (chars > rule.max_chars) {
    add_error(name, "too_long",
              fmt::format("{} may have at most {} characters.", name, rule.max_chars));
  } else if (problem) {
    add_error(name, "invalid_format", fmt::format("{} {}.", name, explain(*problem)));
  }
  return text;
}

std::optional<std::string> Fields::optional_text(std::string_view name, TextRule rule) {
  const Json* value = object_.find(name);
  if (value == nullptr || value->kind == Json::Kind::null) {
    asked_.push_back(name);
    return std::nullopt;
  }
  return text(name, rule);
}

std::string Fields::secret(std::string_view name) {
  const Json* value = take_of(name, Json::Kind::string, "a string", true);
  return value == nullptr ? std::string() : value->text;
}

std::int64_t Fields::amount(std::string_view name, Currency currency, bool may_be_negative) {
  const Json* value = take(name);
  if (value == nullptr) {
    if (object_.kind == Json::Kind::object)
      add_error(name, "required", fmt::format("{} is required.", name));
    return 0;
  }
  if (value->kind != Json::Kind::number && value->kind != Json::Kind::string) {
    add_error(name, "wrong_type", fmt::format("{} must be a number or a decimal string.", name));
    return 0;
  }
  const auto minor = parse_amount(value->text, currency);
  if (!minor) {
    switch (minor.error()) {
      case AmountError::not_a_number:
        add_error(name, "invalid_format",
                  fmt::format("{} must be a plain decimal such as 12.30.", name));
        break;
      case AmountError::too_many_digits:
        add_error(name, "invalid_format",
                  fmt::format("{} may have at most {} digits after the point ({}).", name,
                              currency.digits, currency.code));
        break;
      case AmountError::out_of_range:
        add_error(
            name, "out_of_range",
            fmt::format("{} may be at most {}.", name, format_amount(kAmountMax_minor, currency)));
    }
    return 0;
  }
  if (*minor == 0 || (*minor < 0 && !may_be_negative)) {
    add_error(name, "out_of_range",
              may_be_negative ? fmt::format("{} must not be zero.", name)
                              : fmt::format("{} must be above zero.", name));
    return 0;
  }
  return *minor;
}

std::optional<std::int64_t> Fields::optional_amount(std::string_view name, Currency currency) {
  const Json* value = object_.find(name);
  if (value == nullptr || value->kind == Json::Kind::null) {
    asked_.push_back(name);
    return std::nullopt;
  }
  return amount(name, currency);
}

std::optional<std::int32_t> Fields::optional_integer(std::string_view name, std::int32_t min,
                                                     std::int32_t max) {
  const Json* value = take_of(name, Json::Kind::number, "a number", false);
  if (value == nullptr) return std::nullopt;
  const std::string& text = value->text;
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    add_error(name, "invalid_format", fmt::format("{} must be a whole number.", name));
    return std::nullopt;
  }
  if (error != std::errc() || number < min || number > max) {
    add_error(name, "out_of_range", fmt::format("{} must be {} to {}.", name, min, max));
    return std::nullopt;
  }
  return number;
}

std::int64_t Fields::time(std::string_view name) {
  const std::string written = text(name, {.max_chars = kTimeMax_chars});
  if (has_error(name)) return 0;
  const auto us = parse_time(written);
  if (!us) add_error(name, "invalid_format", fmt::format("{} must be an RFC 3339 time.", name));
  return us.value_or(0);
}

std::optional<std::int64_t> Fields::optional_time(std::string_view name) {
  const Json* value = object_.find(name);
  if (value == nullptr || value->kind == Json::Kind::null) {
    asked_.push_back(name);
    return std::nullopt;
  }
  const std::int64_t us = time(name);
  return has_error(name) ? std::nullopt : std::optional(us);
}

bool Fields::flag(std::string_view name, bool fallback) {
  const Json* value = take_of(name, Json::Kind::boolean, "true or false", false);
  return value == nullptr ? fallback : value->boolean;
}

const Json* Fields::array(std::string_view name, std::size_t min_items, std::size_t max_items) {
  const Json* value = take_of(name, Json::Kind::array, "an array", true);
  if (value == nullptr) return nullptr;
  if (value->items.size() < min_items || value->items.size() > max_items) {
    add_error(name, value->items.size() < min_items ? "too_short" : "too_long",
              fmt::format("{} must have {} to {} items.", name, min_items, max_items));
    return nullptr;
  }
  return value;
}

const Json* Fields::object(std::string_view name) {
  return take_of(name, Json::Kind::object, "an object", true);
}

std::optional<std::string> Fields::choice(std::string_view name,
                                          std::span<const std::string_view> allowed) {
  auto value = optional_text(name);
  if (value && !value->empty() && std::ranges::find(allowed, *value) == allowed.end())
    add_error(name, "not_allowed",
              fmt::format("{} must be one of: {}.", name, fmt::join(allowed, ", ")));
  return value;
}

bool Fields::has_error(std::string_view name) const {
  return std::ranges::any_of(errors_, [&](const FieldError& error) {
    return error.field.size() == prefix_.size() + name.size() && error.field.starts_with(prefix_) &&
           error.field.ends_with(name);
  });
}

void Fields::add_error(std::string_view name, std::string_view code, std::string detail) {
  errors_.push_back({prefix_ + std::string(name), std::string(code), std::move(detail)});
}

void Fields::refuse(std::string_view name, std::string_view code, std::string detail) {
  if (take(name) != nullptr) add_error(name, code, std::move(detail));
}

void FieldErrors::add(FieldError error) {
  ++total_;
  if (!is_full()) listed_.push_back(std::move(error));
}

void Fields::finish_into(FieldErrors& errors) {
  for (FieldError& error : errors_) errors.add(std::move(error));
  errors_.clear();
  if (ignores_others_) return;
  for (const auto& [name, value] : object_.members) {
    if (std::ranges::find(asked_, name) != asked_.end()) continue;
    if (errors.is_full()) {
      errors.count(1);
    } else {
      errors.add({prefix_ + name, "unknown_field",
                  fmt::format("{} is not a field of this request.", name)});
    }
  }
}

std::optional<Error> Fields::finish() {
  FieldErrors errors;
  finish_into(errors);
  if (errors.empty()) return std::nullopt;
  return validation_error(std::move(errors));
}

Error validation_error(FieldErrors fields) {
  const std::size_t total = fields.total();
  std::string detail =
      total == 1 ? fields.listed().front().detail : fmt::format("{} fields need attention.", total);
  Error error{Code::validation_failed, std::move(detail), std::move(fields.listed())};
  error.fields_not_listed = total - error.fields.size();
  return error;
}

}  // namespace instapay
