#include "app/receipt_keys.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fstream>
#include <iostream>

#include "net/fetch.h"

namespace instapay::app {
namespace {

constexpr std::int64_t kFetchTimeout_ms = 10'000;

std::string read_all(std::istream& from, std::size_t max_bytes) {
  std::string text(max_bytes + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
  return text;
}

bool is_loopback(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return false;
  const std::string host = parsed->host_address();
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

std::expected<std::string, std::string> read_text(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_all(std::cin, max_bytes);
  std::ifstream file(path);
  if (!file) return std::unexpected("cannot read " + path);
  return read_all(file, max_bytes);
}

std::expected<auth::KeySet, std::string> read_receipt_keys(const std::string& where) {
  const auto unusable = [&](const std::string& why) { return std::unexpected(where + ": " + why); };
  std::string text;
  if (where.starts_with("http://") && !is_loopback(where))
    return unusable("keys that come over plain http prove nothing: use https, or a file");
  if (where.starts_with("http://") || where.starts_with("https://")) {
    auto fetched = net::fetch(where, kFetchTimeout_ms);
    if (!fetched) return unusable(fetched.error());
    if (fetched->status != 200) return unusable(fmt::format("answered {}", fetched->status));
    text = std::move(fetched->body);
  } else {
    auto read = read_text(where, auth::kJwksMax_bytes);
    if (!read) return std::unexpected(std::move(read.error()));
    text = std::move(*read);
  }
  auto keys = auth::KeySet::parse(text, auth::kReceiptKeys);
  if (!keys) return unusable(keys.error());
  return std::move(*keys);
}

}  // namespace instapay::app
