#pragma once
#include <expected>
#include <filesystem>
#include <functional>
#include <string>

#include "auth/signing_key.h"

namespace instapay::auth {

/// What `make` gave when it was first asked for, kept in the file, readable by its owner only. An
/// error is a sentence that names the folder or the file.
std::expected<std::string, std::string> development_secret(
    const std::filesystem::path& path, const std::function<std::string()>& make);

/// The keys of the purpose's setting. Where that is empty: the one of a development installation,
/// made at random on first use and kept in the data directory, readable by its owner only. An error
/// is a sentence that names the setting or the file.
std::expected<SigningKeys, std::string> signing_keys_of(const KeyPurpose& purpose,
                                                        const std::string& pem,
                                                        const std::filesystem::path& data_dir);

}  // namespace instapay::auth
