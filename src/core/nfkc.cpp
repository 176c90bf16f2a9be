#include "core/nfkc.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "core/utf8.h"

namespace instapay {

std::optional<std::string> nfkc(std::string_view text) {
  if (!is_valid_utf8(text)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  normalizer->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())),
                            sink, nullptr, status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  return normal;
}

}  // namespace instapay
