#pragma once
// The rules for text that people write and that other people, terminals and logs are shown, by the
// Unicode properties of its characters (ICU, Unicode 15). After PRECIS (RFC 8264, 8265, 8266). Pure
// and thread-safe. All text is valid UTF-8.
//
// Prose (notes, reasons, searches) stays as it was written. Names (display names) are made the same
// where they look the same: NFKC, one blank between words, no variation selectors.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

enum class TextKind : std::uint8_t { prose, name };

enum class TextProblem : std::uint8_t {
  /// A character that cannot be seen, turns the text around it, or means nothing: controls, format
  /// characters, default-ignorable ones, unassigned ones, private use. A joiner is allowed where
  /// its language or its emoji needs it (RFC 5892, appendix A), a variation selector after a
  /// pictograph.
  unseen,
  /// Nothing but blanks and marks.
  blank,
  /// More than kMarksMax combining marks in a row; in a name also a mark on nothing, or on a letter
  /// of another script.
  marks,
};

/// What is wrong with the text, if anything. The empty text is right.
std::optional<TextProblem> find_problem(std::string_view utf8, TextKind kind = TextKind::prose);

/// What is wrong, for people: goes after the field's name.
std::string_view explain(TextProblem problem);

/// Whether the text can be printed as it is: nothing in it is `unseen`.
bool is_plain_text(std::string_view utf8);

/// With blanks for ASCII's control characters: it stays on its line.
std::string without_controls(std::string_view text);

/// With A-Z as a-z, all else as it is: for names that are ASCII.
std::string lower_ascii(std::string_view text);

/// Without the blanks at both ends: Unicode's White_Space.
std::string_view trim_blanks(std::string_view utf8);

/// The name as it is stored. Only for a text without problems; what comes out may have some.
std::string tidy_name(std::string_view utf8);

/// What a name looks like, for comparing (UTS 39, confusables): two names look alike when one of
/// the two members is the same. Letters and digits only; without case, accents, blanks and
/// punctuation.
struct Look {
  std::string folded;   // case first: "OMAR" and "omar"
  std::string written;  // as it stands: "Ali" with a capital i, and "All"
};
Look look_of(std::string_view utf8);
bool look_alike(const Look& a, const Look& b);

}  // namespace instapay
