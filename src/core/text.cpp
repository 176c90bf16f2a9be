#include "core/text.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/check.h"
#include "core/normalize.h"

namespace instapay {
namespace {

constexpr UChar32 kZwnj = 0x200c, kZwj = 0x200d;
constexpr UChar32 kTextSelector = 0xfe0e, kEmojiSelector = 0xfe0f, kKeycap = 0x20e3;
constexpr UChar32 kTatweel = 0x640;
constexpr std::uint8_t kVirama = 9;  // canonical combining class
constexpr int kMarksMax = 4;         // UTS 39, 5.4: optional detection

// Blank glyphs whose properties do not say so.
constexpr std::array<UChar32, 5> kBlankGlyphs{0x2800,    // Braille pattern blank
                                              0x303f,    // ideographic half fill space
                                              0xfffc,    // object replacement character
                                              0x16fe4,   // Khitan small script filler
                                              0x1d159};  // musical symbol null notehead

using Points = std::vector<UChar32>;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Points points_of(std::string_view utf8) {
  Points points;
  points.reserve(utf8.size());
  const auto size = static_cast<int32_t>(utf8.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size, c);
    points.push_back(c);
  }
  return points;
}

void append(std::string& utf8, UChar32 c) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes.data(), length, c);
  utf8.append(bytes.data(), static_cast<std::size_t>(length));
}

bool has(UChar32 c, UProperty property) { return u_hasBinaryProperty(c, property) != 0; }
bool is_blank(UChar32 c) { return has(c, UCHAR_WHITE_SPACE); }
bool is_mark(UChar32 c) { return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }
bool is_pictograph(UChar32 c) { return has(c, UCHAR_EXTENDED_PICTOGRAPHIC); }
bool is_selector(UChar32 c) { return c == kTextSelector || c == kEmojiSelector; }
bool is_seen(UChar32 c) {
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_P_MASK | U_GC_S_MASK)) != 0;
}

UChar32 at(const Points& points, std::size_t i) { return i < points.size() ? points[i] : 0; }
UChar32 before(const Points& points, std::size_t i) { return i > 0 ? points[i - 1] : 0; }

int joining_type(UChar32 c) { return u_getIntPropertyValue(c, UCHAR_JOINING_TYPE); }

// RFC 5892, A.1: (Joining_Type:{L,D})(Joining_Type:T)* ZWNJ (Joining_Type:T)*(Joining_Type:{R,D})
bool breaks_a_joint(const Points& points, std::size_t i) {
  std::size_t left = i;
  while (left > 0 && joining_type(points[left - 1]) == U_JT_TRANSPARENT) --left;
  std::size_t right = i + 1;
  while (right < points.size() && joining_type(points[right]) == U_JT_TRANSPARENT) ++right;
  if (left == 0 || right == points.size()) return false;
  const int from = joining_type(points[left - 1]), to = joining_type(points[right]);
  return (from == U_JT_LEFT_JOINING || from == U_JT_DUAL_JOINING) &&
         (to == U_JT_RIGHT_JOINING || to == U_JT_DUAL_JOINING);
}

// A pictograph, or one with a skin tone or a selector, before; a pictograph after.
bool joins_pictographs(const Points& points, std::size_t i) {
  std::size_t left = i;
  while (left > 0 && (is_selector(points[left - 1]) || has(points[left - 1], UCHAR_EMOJI_MODIFIER)))
    --left;
  return left > 0 && is_pictograph(points[left - 1]) && is_pictograph(at(points, i + 1));
}

bool may_join(const Points& points, std::size_t i) {
  if (u_getCombiningClass(before(points, i)) == kVirama) return true;
  return points[i] == kZwnj ? breaks_a_joint(points, i) : joins_pictographs(points, i);
}

bool may_select(const Points& points, std::size_t i) {
  const UChar32 base = before(points, i);
  if (is_pictograph(base)) return true;
  const bool key = (base >= '0' && base <= '9') || base == '#' || base == '*';
  return key && points[i] == kEmojiSelector && at(points, i + 1) == kKeycap;
}

bool is_unseen(const Points& points, std::size_t i) {
  const UChar32 c = points[i];
  if (c >= 0x20 && c < 0x7f) return false;
  if (c == kZwnj || c == kZwj) return !may_join(points, i);
  if (is_selector(c)) return !may_select(points, i);
  if (has(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return true;
  if (std::ranges::find(kBlankGlyphs, c) != kBlankGlyphs.end()) return true;
  const auto category = U_GET_GC_MASK(c);
  // Signs that stand over or under a number are format characters that can be seen.
  if ((category & U_GC_CF_MASK) != 0) return !has(c, UCHAR_PREPENDED_CONCATENATION_MARK);
  return (category & (U_GC_CC_MASK | U_GC_CN_MASK | U_GC_CO_MASK | U_GC_CS_MASK | U_GC_ZL_MASK |
                      U_GC_ZP_MASK)) != 0;
}

// Whether the mark is used with the script of the letter that it stands on.
bool fits(UChar32 mark, UChar32 base) {
  std::array<UScriptCode, 32> scripts{};
  UErrorCode status = U_ZERO_ERROR;
  const int count = uscript_getScriptExtensions(mark, scripts.data(), scripts.size(), &status);
  CHECK(U_SUCCESS(status));
  return std::any_of(scripts.begin(), scripts.begin() + count, [&](UScriptCode script) {
    return script == USCRIPT_INHERITED || script == USCRIPT_COMMON ||
           uscript_hasScript(base, script) != 0;
  });
}

bool has_wrong_marks(const Points& points, TextKind kind) {
  UChar32 base = 0;  // the letter that the marks stand on
  int run = 0;
  for (const UChar32 c : points) {
    if (c == kZwj || c == kZwnj || is_selector(c)) continue;
    if (!is_mark(c)) {
      base = c;
      run = 0;
      continue;
    }
    if (++run > kMarksMax) return true;
    if (kind == TextKind::name && (base == 0 || is_blank(base) || !fits(c, base))) return true;
  }
  return false;
}

const USpoofChecker* confusables() {
  static const USpoofChecker* const checker = [] {
    UErrorCode status = U_ZERO_ERROR;
    const USpoofChecker* opened = uspoof_open(&status);
    CHECK(U_SUCCESS(status));
    return opened;
  }();
  return checker;
}

// What all texts that look like this one have in common (UTS 39).
std::string skeleton_of(std::string_view utf8) {
  std::string skeleton(utf8.size() * 4 + 8, '\0');
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t size =
        uspoof_getSkeletonUTF8(confusables(), 0, utf8.data(), static_cast<int32_t>(utf8.size()),
                               skeleton.data(), static_cast<int32_t>(skeleton.size()), &status);
    skeleton.resize(static_cast<std::size_t>(size));
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    CHECK(U_SUCCESS(status));
    return skeleton;
  }
}

// The skeleton's letters and digits.
std::string letters_of_skeleton(std::string_view utf8) {
  std::string letters;
  for (const UChar32 c : points_of(normalize(skeleton_of(utf8), Form::nfd))) {
    const bool counts =
        (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_SO_MASK)) != 0 && c != kTatweel;
    if (counts) append(letters, u_foldCase(c, U_FOLD_CASE_DEFAULT));
  }
  return letters;
}

std::optional<TextProblem> problem_of_ascii(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return c < 0x20 || c == 0x7f; }))
    return TextProblem::unseen;
  const bool blank = text.find_first_not_of(' ') == std::string_view::npos;
  if (blank && !text.empty()) return TextProblem::blank;
  return std::nullopt;
}

}  // namespace

std::optional<TextProblem> find_problem(std::string_view utf8, TextKind kind) {
  if (is_ascii(utf8)) return problem_of_ascii(utf8);
  const Points points = points_of(utf8);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (is_unseen(points, i)) return TextProblem::unseen;
  if (std::ranges::none_of(points, is_seen)) return TextProblem::blank;
  if (has_wrong_marks(points, kind)) return TextProblem::marks;
  return std::nullopt;
}

std::string_view explain(TextProblem problem) {
  switch (problem) {
    case TextProblem::unseen:
      return "may not contain characters that cannot be seen or that turn the text";
    case TextProblem::blank:
      return "must have a character that can be seen";
    case TextProblem::marks:
      return "may not contain marks without a letter of their script, nor more than 4 on one";
  }
  return {};
}

bool is_plain_text(std::string_view utf8) { return find_problem(utf8) != TextProblem::unseen; }

std::string without_controls(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lower;
}

std::string_view trim_blanks(std::string_view utf8) {
  const auto size = [&] { return static_cast<int32_t>(utf8.size()); };
  for (int32_t i = 0; i < size(); i = 0) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size(), c);
    if (!is_blank(c)) break;
    utf8.remove_prefix(static_cast<std::size_t>(i));
  }
  for (int32_t i = size(); i > 0; i = size()) {
    UChar32 c = 0;
    U8_PREV(utf8.data(), 0, i, c);
    if (!is_blank(c)) break;
    utf8 = utf8.substr(0, static_cast<std::size_t>(i));
  }
  return utf8;
}

std::string tidy_name(std::string_view utf8) {
  Points points = points_of(utf8);
  if (!is_ascii(utf8)) {
    std::string seen;
    for (const UChar32 c : points)
      if (!is_selector(c)) append(seen, c);
    points = points_of(normalize(seen, Form::nfkc));
  }
  std::string name;
  bool pending = false;  // a blank, to be written before the next word
  for (const UChar32 c : points) {
    if (is_blank(c)) {
      pending = !name.empty();
      continue;
    }
    if (pending) name.push_back(' ');
    pending = false;
    append(name, c);
  }
  return name;
}

Look look_of(std::string_view utf8) {
  return {letters_of_skeleton(normalize(utf8, Form::nfkc_casefold)),
          letters_of_skeleton(normalize(utf8, Form::nfkc))};
}

bool look_alike(const Look& a, const Look& b) {
  return (!a.folded.empty() && a.folded == b.folded) ||
         (!a.written.empty() && a.written == b.written);
}

}  // namespace instapay
