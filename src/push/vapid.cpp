#include "push/vapid.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/base64url.h"
#include "auth/development_key.h"
#include "auth/openssl.h"
#include "core/check.h"
#include "core/json.h"
#include "push/encryption.h"

namespace instapay::push {
namespace {

constexpr std::string_view kHeader = R"({"typ":"JWT","alg":"ES256"})";
constexpr std::string_view kEnd = "-----END ";

std::string encoded_point(const auth::SigningKeys& signer) {
  const auth::PublicKey* key = signer.public_keys().find(signer.kid());
  CHECK(key != nullptr);
  unsigned char* bytes = nullptr;
  // OpenSSL only reads, and asks for a key that it might change.
  const std::size_t size =
      EVP_PKEY_get1_encoded_public_key(const_cast<EVP_PKEY*>(key->handle()), &bytes);
  auth::require(size == kP256Point_bytes, "encoding a point");
  std::string text = auth::base64url_encode(auth::ByteSpan(bytes, size));
  OPENSSL_free(bytes);
  return text;
}

// The PEM of each key of a text that is known to hold sound ones: what stands between two has no
// key in it.
std::vector<std::string_view> each_key(std::string_view pem) {
  std::vector<std::string_view> keys;
  while (!pem.empty()) {
    const auto end = pem.find(kEnd);
    if (end == std::string_view::npos) break;
    const auto line_end = std::min(pem.find("-----", end + kEnd.size()), pem.size());
    const auto size = std::min(line_end + 5, pem.size());
    if (!pem.substr(end, size - end).contains("PARAMETERS")) keys.push_back(pem.substr(0, size));
    pem.remove_prefix(size);
  }
  return keys;
}

}  // namespace

std::expected<VapidKeys, std::string> VapidKeys::of(const std::string& pem,
                                                    const std::filesystem::path& data_dir) {
  VapidKeys keys;
  const auto add = [&keys](auth::SigningKeys signer) {
    std::string point = encoded_point(signer);
    keys.keys_.push_back({std::move(signer), std::move(point)});
  };
  auto first = auth::signing_keys_of(kVapidKeysPurpose, pem, data_dir);
  if (!first) return std::unexpected(std::move(first.error()));
  add(*std::move(first));
  for (const std::string_view text : each_key(pem)) {
    auto signer = auth::SigningKeys::from_pem(text, kVapidKeysPurpose);
    if (!signer) return std::unexpected("VAPID_PRIVATE_KEY is not usable: " + signer.error());
    if (!keys.has(signer->kid())) add(*std::move(signer));
  }
  return keys;
}

const VapidKeys::Key* VapidKeys::find(std::string_view kid) const {
  const auto found =
      std::ranges::find_if(keys_, [&](const Key& key) { return key.signer.kid() == kid; });
  return found == keys_.end() ? nullptr : &*found;
}

std::optional<std::string> VapidKeys::kid_of(std::string_view public_key) const {
  const auto found =
      std::ranges::find_if(keys_, [&](const Key& key) { return key.point == public_key; });
  if (found == keys_.end()) return std::nullopt;
  return found->signer.kid();
}

std::string VapidKeys::authorization(std::string_view kid, std::string_view origin,
                                     std::string_view subject, std::int64_t now_s) const {
  const Key* key = find(kid);
  CHECK(key != nullptr);
  std::string claims;
  JsonWriter(claims)
      .begin_object()
      .field("aud", origin)
      .field("exp", now_s + kVapidTokenLife_s)
      .field("sub", subject)
      .end_object();
  const std::string text =
      auth::base64url_encode(kHeader) + "." + auth::base64url_encode(std::string_view(claims));
  return fmt::format("vapid t={}.{}, k={}", text,
                     auth::base64url_encode(std::string_view(key->signer.sign(text))), key->point);
}

}  // namespace instapay::push
