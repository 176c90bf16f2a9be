#include "core/normalize.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "core/check.h"

namespace instapay {
namespace {

const icu::Normalizer2* normalizer(Form form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* instance = nullptr;
  switch (form) {
    case Form::nfd:
      instance = icu::Normalizer2::getNFDInstance(status);
      break;
    case Form::nfkc:
      instance = icu::Normalizer2::getNFKCInstance(status);
      break;
    case Form::nfkc_casefold:
      instance = icu::Normalizer2::getNFKCCasefoldInstance(status);
      break;
  }
  CHECK(U_SUCCESS(status));  // ICU's data is part of its library
  return instance;
}

}  // namespace

std::string normalize(std::string_view utf8, Form form) {
  UErrorCode status = U_ZERO_ERROR;
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  const icu::StringPiece text(utf8.data(), static_cast<int32_t>(utf8.size()));
  normalizer(form)->normalizeUTF8(0, text, sink, nullptr, status);
  CHECK(U_SUCCESS(status));
  return normal;
}

}  // namespace instapay
