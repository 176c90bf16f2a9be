#include "app/web_files.h"

#include <fstream>
#include <iterator>

#include "core/sha256.h"

namespace instapay::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

constexpr std::string_view kNotBuilt =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mini-InstaPay</title>"
    "<h1>Mini-InstaPay</h1><p>The services run. The web wallet is not built: "
    "<code>./run</code> builds it when Node.js is installed.</p>"
    "<p><a href=\"/docs\">API documentation</a></p></html>";

std::string type_of(const fs::path& path) {
  static const std::map<std::string, std::string> types{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  };
  const auto found = types.find(path.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

}  // namespace

WebFiles::WebFiles(const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    File file;
    file.content.assign(std::istreambuf_iterator<char>(stream), {});
    file.type = type_of(entry.path());
    file.etag = '"' + to_hex(sha256_half(file.content)) + '"';
    const std::string path = "/" + fs::relative(entry.path(), root).generic_string();
    file.immutable = path.starts_with("/assets/");
    files_.emplace(path, std::move(file));
  }
  if (!files_.contains("/index.html"))
    files_["/index.html"] = {std::string(kNotBuilt), "text/html; charset=utf-8", "\"none\""};
}

std::optional<net::Response> WebFiles::serve(const net::Request& request) const {
  const std::string_view path = request.path();
  if (path == "/api" || path.starts_with("/api/")) return std::nullopt;
  auto found = files_.find(path);
  if (found == files_.end()) {
    const bool page = path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
    if (!page) return std::nullopt;
    found = files_.find("/index.html");
  }
  const File& file = found->second;
  net::Response response{200, file.type};
  response.header("ETag", file.etag);
  response.header("Cache-Control",
                  file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.header("Content-Security-Policy", std::string(kPolicy));
  if (request.header("If-None-Match") == file.etag) {
    response.status = 304;
    response.content_type.clear();
  } else {
    response.body = file.content;
  }
  return response;
}

}  // namespace instapay::app
