#pragma once
#include <filesystem>
#include <string>

namespace instapay::auth {

inline constexpr std::string_view kDevelopmentTokenKey = "jwt-key.pem",
                                  kDevelopmentReceiptKey = "receipt-key.pem";

/// A signing key of a development installation, in PEM: made at random on first use and kept in
/// that file of the data directory, readable by its owner only. Never used elsewhere.
std::string development_key(const std::filesystem::path& data_dir, std::string_view file);

}  // namespace instapay::auth
