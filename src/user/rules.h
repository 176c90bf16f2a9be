#pragma once
// What usernames and display names may look like. Pure.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/email.h"

namespace instapay::user {

inline constexpr std::size_t kUsernameMin_chars = 3;
inline constexpr std::size_t kUsernameMax_chars = 32;
inline constexpr std::size_t kDisplayNameMax_chars = 64;

/// What the usernames of erased users begin with: nobody else's.
inline constexpr std::string_view kErasedPrefix = "erased-";

/// The constraints of the database that hold the rules of renames (db/migrations/0002_names.sql).
inline constexpr std::string_view kReservedConstraint = "username_reserved",
                                  kRenameLimitConstraint = "rename_limit";

/// Lower-case; nullopt unless 3 to 32 of a-z 0-9 _ . - beginning with a letter or a digit.
std::optional<std::string> normalize_username(std::string_view username);

/// For people: also of a name that its former owner may take back.
inline constexpr std::string_view kUsernameTaken =
    "Somebody else has this username, or had it less than 12 months ago.";

/// Whether the name speaks for the platform ("admin", "support", its own name), or looks as if it
/// did ("4dm1n", "sup.port", "lnstapay"). Nobody may take one.
bool is_reserved_username(std::string_view username);
bool is_reserved_display_name(std::string_view name);

}  // namespace instapay::user
