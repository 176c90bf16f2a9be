#pragma once
#include <expected>
#include <filesystem>
#include <string>

#include "auth/signing_key.h"

namespace instapay::auth {

inline constexpr std::string_view kDevelopmentTokenKey = "jwt-key.pem",
                                  kDevelopmentReceiptKey = "receipt-key.pem";

/// The keys of a setting. Where that is empty: the one of a development installation, made at
/// random on first use and kept in `file` of the data directory, readable by its owner only. An
/// error is a sentence that names the setting or the file.
std::expected<SigningKeys, std::string> signing_keys_of(const std::string& setting,
                                                        const std::string& pem,
                                                        const std::filesystem::path& data_dir,
                                                        std::string_view file);

}  // namespace instapay::auth
