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

std::string read_new_password(Fields& fields, std::string_view name) {
  std::string password = fields.secret(name);
  if (fields.has_error(name)) return {};
  const auto problem = auth::check_password(password);
  if (!problem) return password;
  switch (*problem) {
    case auth::PasswordProblem::too_short:
      fields.add_error(name, "too_short", "A password has 8 to 72 bytes; this one is too short.");
      break;
    case auth::PasswordProblem::too_long:
      fields.add_error(name, "too_long", "A password has 8 to 72 bytes; this one is too long.");
      break;
    case auth::PasswordProblem::invalid_format:
      fields.add_error(name, "invalid_format", "A password may not contain the character U+0000.");
  }
  return {};
}

}  // namespace instapay::user
