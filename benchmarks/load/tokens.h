#pragma once
// Access tokens for the load, signed here with the key that the services were given.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "accounts.h"

namespace bench {

/// One RS256 access token per account, all of one length, in one piece of memory.
class Tokens {
 public:
  /// Signs with the RSA key in this PEM file, on all cores. Throws std::runtime_error.
  static Tokens sign(const std::string& key_path, const std::vector<Account>& accounts,
                     std::string_view role, std::int64_t now_s, std::int64_t lifetime_s);
  static Tokens read(const std::string& path);
  void write(const std::string& path) const;

  std::string_view operator[](std::size_t account) const {
    return std::string_view(text_).substr(account * token_bytes_, token_bytes_);
  }
  std::size_t size() const { return text_.size() / token_bytes_; }

 private:
  std::size_t token_bytes_ = 1;
  std::string text_;
};

}  // namespace bench
