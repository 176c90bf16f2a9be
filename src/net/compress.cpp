#include "net/compress.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/limits.h"
#include "core/text.h"

namespace instapay::net {
namespace {

constexpr std::array<std::string_view, 5> kTypes{"application/json", "application/problem+json",
                                                 "application/yaml", "text/csv", "text/plain"};
constexpr int kLevel = 1;             // JSON shrinks to a seventh; higher levels take much longer
constexpr int kWindowBits = 15 + 16;  // zlib's way to say gzip
constexpr int kMemory = 8;            // zlib's default

bool is_text(std::string_view type) {
  return std::ranges::find(kTypes, trim_blanks(type.substr(0, type.find(';')))) != kTypes.end();
}

bool has(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const auto& header) {
    return equal_ignoring_case(header.first, name);
  });
}

// Empty when it did not become shorter.
std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(text.size(), '\0');
  // zlib reads from it only, though its type does not say so.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace

bool accepts_encoding(std::string_view header, std::string_view encoding) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const std::string_view item = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const auto semicolon = item.find(';');
    if (!equal_ignoring_case(trim_blanks(item.substr(0, semicolon)), encoding)) continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trim_blanks(item.substr(semicolon + 1));
    return !weight.starts_with("q=0") ||
           weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

void compress(const Request& request, Response& response) {
  if (request.method != Method::get && request.method != Method::head) return;
  if (response.stream || !is_text(response.content_type) || has(response, "Content-Encoding"))
    return;
  if (response.body.size() < kCompressMin_bytes || response.body.size() > kCompressMax_bytes)
    return;
  response.header("Vary", "Accept-Encoding");
  if (!accepts_encoding(request.header("Accept-Encoding"), "gzip")) return;
  std::string shorter = gzip(response.body);
  if (shorter.empty()) return;
  response.body = std::move(shorter);
  response.header("Content-Encoding", "gzip");
}

}  // namespace instapay::net
