#pragma once
#include <filesystem>
#include <string>

namespace instapay::auth {

/// The signing key of a development installation, in PEM: made at random on first use and kept in
/// the data directory, readable by its owner only. Never used elsewhere.
std::string development_key(const std::filesystem::path& data_dir);

}  // namespace instapay::auth
