#pragma once
// The fields that several endpoints read, with their rules. Mistakes stay in `fields`.
#include <optional>
#include <string>

#include "core/fields.h"

namespace instapay::user {

/// Lower-case.
std::string read_email(Fields& fields, std::string_view name);
std::string read_username(Fields& fields, std::string_view name);
std::optional<std::string> read_optional_username(Fields& fields, std::string_view name);
std::optional<std::string> read_display_name(Fields& fields, std::string_view name);
/// One that may be set: 8 to 72 bytes.
std::string read_new_password(Fields& fields, std::string_view name);

}  // namespace instapay::user
