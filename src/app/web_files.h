#pragma once
// The built web app, read once at start and served from memory by the gateway.
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "net/http.h"

namespace instapay::app {

class WebFiles {
 public:
  /// A folder that is not there leaves a built-in page that says how to build the wallet.
  explicit WebFiles(const std::filesystem::path& root);

  /// Files by path; unknown paths without a dot get index.html, since the app routes by itself.
  /// /api paths get nothing. A client that takes it gets the file as the build compressed it.
  std::optional<net::Response> serve(const net::Request& request) const;

 private:
  struct Variant {
    std::string_view encoding, extension;
    std::string content;
  };
  struct File {
    std::string content, type, etag;
    bool immutable = false;              // the name contains a hash of the content
    std::vector<Variant> variants = {};  // compressed by the build, best first
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace instapay::app
