#include "app/web_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/sha256.h"
#include "net/compress.h"

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

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kEncodings{
    {{"br", ".br"}, {"gzip", ".gz"}}};

bool is_compressed(const fs::path& path) {
  return std::ranges::any_of(kEncodings,
                             [&](const auto& pair) { return path.extension() == pair.second; });
}

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

WebFiles::WebFiles(const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(root, error)) {
    if (!entry.is_regular_file() || is_compressed(entry.path())) continue;
    File file;
    file.content = read(entry.path());
    file.type = type_of(entry.path());
    file.etag = '"' + to_hex(sha256_half(file.content)) + '"';
    const std::string path = "/" + fs::relative(entry.path(), root).generic_string();
    file.immutable = path.starts_with("/assets/");
    for (const auto& [encoding, extension] : kEncodings) {
      const fs::path compressed = entry.path().string() + std::string(extension);
      if (fs::is_regular_file(compressed, error))
        file.variants.push_back({encoding, extension, read(compressed)});
    }
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
  const auto variant = std::ranges::find_if(file.variants, [&](const Variant& candidate) {
    return net::accepts_encoding(request.header("Accept-Encoding"), candidate.encoding);
  });
  const bool compressed = variant != file.variants.end();
  std::string etag = file.etag;
  // Another representation is another entity: "…" becomes "….br".
  if (compressed) etag.insert(etag.size() - 1, variant->extension);
  net::Response response{200, file.type};
  response.header("ETag", etag);
  if (!file.variants.empty()) response.header("Vary", "Accept-Encoding");
  response.header("Cache-Control",
                  file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.header("Content-Security-Policy", std::string(kPolicy));
  if (request.header("If-None-Match") == etag) {
    response.status = 304;
    response.content_type.clear();
  } else {
    response.body = compressed ? variant->content : file.content;
    if (compressed) response.header("Content-Encoding", std::string(variant->encoding));
  }
  return response;
}

}  // namespace instapay::app
