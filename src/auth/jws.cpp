#include "auth/jws.h"

#include <algorithm>

#include "auth/base64url.h"

namespace instapay::auth {
namespace {

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

// RFC 7515 §4.1.9: "application/" may be left out.
bool is_of_type(std::string_view found, std::string_view type) {
  constexpr std::string_view kPrefix = "application/";
  if (found.size() > kPrefix.size() &&
      equal_ignoring_case(found.substr(0, kPrefix.size()), kPrefix))
    found.remove_prefix(kPrefix.size());
  return equal_ignoring_case(found, type);
}

}  // namespace

std::string_view text_of(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  if (value == nullptr || value->kind != Json::Kind::string) return {};
  return value->text;
}

std::expected<Jws, std::string_view> parse_jws(std::string_view text, std::string_view type,
                                               std::size_t max_bytes) {
  return parse_jws_of(text, std::span(&type, 1), max_bytes);
}

std::expected<Jws, std::string_view> parse_jws_of(std::string_view text,
                                                  std::span<const std::string_view> types,
                                                  std::size_t max_bytes) {
  if (text.size() > max_bytes) return std::unexpected("it is too long");
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? text.npos : text.find('.', first + 1);
  // A third dot is left in the signature, where base64url refuses it.
  if (second == text.npos) return std::unexpected("it has not three parts");
  const auto header_text = base64url_decode(text.substr(0, first));
  auto payload = base64url_decode(text.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(text.substr(second + 1));
  if (!header_text || !payload || !signature) return std::unexpected("its parts are not base64url");

  // Duplicate members are refused by parse_json, so the header means one thing only.
  const auto header = parse_json(*header_text);
  if (!header || header->kind != Json::Kind::object)
    return std::unexpected("its header is not a JSON object");
  const auto algorithm = parse_algorithm(text_of(*header, "alg"));
  if (!algorithm) return std::unexpected("its algorithm is not one of ours");
  // `crit` names extensions, and we understand none (RFC 7515 §4.1.11).
  if (header->find("crit") != nullptr) return std::unexpected("it needs extensions");
  const std::string_view found = text_of(*header, "typ");
  if (std::ranges::none_of(types, [&](auto type) { return is_of_type(found, type); }))
    return std::unexpected("it is of another type");
  const std::string_view kid = text_of(*header, "kid");
  if (kid.size() > kKidMax_bytes) return std::unexpected("its kid is too long");
  return Jws{*algorithm, std::string(kid), *std::move(payload), *std::move(signature),
             text.substr(0, second)};
}

std::string sign_jws(std::string_view payload, std::string_view type, const SigningKeys& keys) {
  std::string header;
  JsonWriter(header)
      .begin_object()
      .field("alg", name_of(keys.algorithm()))
      .field("typ", type)
      .field("kid", keys.kid())
      .end_object();
  std::string text = base64url_encode(header);
  text.append(".").append(base64url_encode(payload));
  const std::string signature = keys.sign(text);
  return text.append(".").append(base64url_encode(signature));
}

}  // namespace instapay::auth
