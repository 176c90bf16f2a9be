#pragma once
// The fields that several endpoints read, with their rules. Mistakes stay in `fields`.
#include <optional>
#include <span>
#include <string>

#include "core/fields.h"

namespace instapay::user {

/// Lower-case.
std::string read_email(Fields& fields, std::string_view name);
std::string read_username(Fields& fields, std::string_view name);
std::optional<std::string> read_optional_username(Fields& fields, std::string_view name);
std::optional<std::string> read_display_name(Fields& fields, std::string_view name);
/// One that may be set, in the form that is hashed (auth/password.h). `own_words`: the names and
/// addresses of the person whose it will be.
std::string read_new_password(Fields& fields, std::string_view name,
                              std::span<const std::string> own_words);

}  // namespace instapay::user
