#include "user/fields.h"

#include "auth/password.h"
#include "user/rules.h"

namespace instapay::user {
namespace {

constexpr TextRule kEmailRule{.max_chars = kEmailMax_bytes};
constexpr TextRule kUsernameRule{.min_chars = kUsernameMin_chars, .max_chars = kUsernameMax_chars};
constexpr TextRule kDisplayNameRule{.max_chars = kDisplayNameMax_chars, .kind = TextKind::name};

std::string checked_username(Fields& fields, std::string_view name, const std::string& text) {
  auto username = normalize_username(text);
  if (!username && !fields.has_error(name))
    fields.add_error(name, "invalid_format",
                     "A username has letters a-z, digits, '_', '.' and '-', and begins with a "
                     "letter or a digit.");
  if (username && is_reserved_username(*username))
    fields.add_error(name, "reserved", "This username is kept for the platform.");
  return std::move(username).value_or("");
}

}  // namespace

std::string read_email(Fields& fields, std::string_view name) {
  auto email = normalize_email(fields.text(name, kEmailRule));
  if (!email && !fields.has_error(name))
    fields.add_error(name, "invalid_format",
                     "This is not an e-mail address like nour@example.com.");
  return std::move(email).value_or("");
}

std::string read_username(Fields& fields, std::string_view name) {
  return checked_username(fields, name, fields.text(name, kUsernameRule));
}

std::optional<std::string> read_optional_username(Fields& fields, std::string_view name) {
  const auto text = fields.optional_text(name, kUsernameRule);
  if (!text) return std::nullopt;
  return checked_username(fields, name, *text);
}

std::optional<std::string> read_display_name(Fields& fields, std::string_view name) {
  auto text = fields.optional_text(name, kDisplayNameRule);
  if (text && !fields.has_error(name) && is_reserved_display_name(*text))
    fields.add_error(name, "reserved", "This name is kept for the platform.");
  return text;
}

std::string read_new_password(Fields& fields, std::string_view name,
                              std::span<const std::string> own_words) {
  const std::string given = fields.secret(name);
  if (fields.has_error(name)) return {};
  auto normal = auth::accept_password(given, own_words);
  if (normal) return std::move(*normal);
  switch (normal.error()) {
    case auth::PasswordProblem::too_short:
      fields.add_error(name, "too_short", "A password has at least 8 characters.");
      break;
    case auth::PasswordProblem::too_long:
      fields.add_error(name, "too_long", "A password has at most 72 bytes in UTF-8.");
      break;
    case auth::PasswordProblem::invalid_format:
      fields.add_error(name, "invalid_format", "A password may not contain the character U+0000.");
      break;
    case auth::PasswordProblem::too_common:
      fields.add_error(name, "too_common",
                       "This password is among those that are guessed first, or made of your own "
                       "name or address; choose another.");
  }
  return {};
}

}  // namespace instapay::user
