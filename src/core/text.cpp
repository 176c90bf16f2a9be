#include "core/text.h"

namespace instapay {

bool is_plain_text(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto at = [&](std::size_t k) {
      return i + k < utf8.size() ? static_cast<unsigned char>(utf8[i + k]) : 0U;
    };
    if (at(0) < 0x20 || at(0) == 0x7f) return false;
    if (at(0) == 0xc2 && at(1) < 0xa0) return false;   // U+0080..009F: controls
    if (at(0) == 0xd8 && at(1) == 0x9c) return false;  // U+061C: Arabic letter mark
    if (at(0) == 0xe2 && at(1) == 0x80) {
      // U+200B..200F without the joiners that Arabic and emoji need (200C, 200D), 2028..202E.
      if (at(2) == 0x8b || at(2) == 0x8e || at(2) == 0x8f) return false;
      if (at(2) >= 0xa8 && at(2) <= 0xae) return false;
    }
    if (at(0) == 0xe2 && at(1) == 0x81 && at(2) >= 0xa0 && at(2) <= 0xaf)
      return false;                                                     // 2060..206F
    if (at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf) return false;  // U+FEFF
  }
  return true;
}

}  // namespace instapay
