#pragma once
// A4 pages as PDF: text shaped by Pango in any script, rules, bars and QR codes by cairo. On paper
// that is read from right to left every x is counted from the right edge. One paper is one
// thread's; different ones know nothing of each other.
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "documents/times.h"

namespace instapay::documents {

// Points, 1/72 of an inch.
inline constexpr double kPaperWidth = 595.0, kPaperHeight = 842.0, kPaperMargin = 42.0;

enum class Direction : std::uint8_t { left_to_right, right_to_left };

enum class Align : std::uint8_t { start, end, centre };

struct TextStyle {
  double size = 9.0;
  bool bold = false;
  double grey = 0.0;  // 0: black
  Align align = Align::start;
  bool wraps = false;  // else what does not fit ends in "…"
  /// Numbers, ids and times: left to right, whatever is around them.
  bool plain = false;
};

class Paper {
 public:
  Paper(std::string_view title, Direction direction, std::int64_t made_us);
  ~Paper();
  Paper(const Paper&) = delete;
  Paper& operator=(const Paper&) = delete;

  /// The height that it takes.
  double text(double x, double y, double width, std::string_view utf8, const TextStyle& style = {});
  double height_of(double width, std::string_view utf8, const TextStyle& style);
  void rule(double x, double y, double width, double grey = 0.75);
  void bar(double x, double y, double width, double height, double grey = 0.94);
  /// A square of that size with the text as a QR code; false when it is too long for one.
  bool qr(double x, double y, double size, std::string_view text);
  void next_page();

  /// The file. Nothing may be drawn after it.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Attachment {
  std::string name, description, media_type;
  std::string content;
};

/// Puts files into a PDF, uncompressed, so that they can be found without a PDF reader. The error
/// is for the log.
std::expected<std::string, std::string> attach_files(const std::string& pdf,
                                                     const std::vector<Attachment>& files);

}  // namespace instapay::documents
