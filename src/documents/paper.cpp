#include "documents/paper.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <unicode/ubidi.h>
#include <unicode/unistr.h>

#include "core/check.h"
#include "core/time.h"

#if __has_feature(address_sanitizer)
// fontconfig forgets one pattern of 256 bytes when a process ends.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig";
}
#endif

namespace instapay::documents {
namespace {

constexpr const char* kFont = "DejaVu Sans";

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using Object = std::unique_ptr<T, Unref>;

struct FreeQr {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// Of its first letter that has one.
PangoDirection direction_of(std::string_view utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
  switch (ubidi_getBaseDirection(text.getBuffer(), text.length())) {
    case UBIDI_LTR:
      return PANGO_DIRECTION_LTR;
    case UBIDI_RTL:
      return PANGO_DIRECTION_RTL;
    default:
      return PANGO_DIRECTION_NEUTRAL;
  }
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned int size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

struct Paper::State {
  std::string file;
  bool rtl = false;
  cairo_surface_t* surface = nullptr;
  cairo_t* cairo = nullptr;
  Object<PangoFontMap> fonts{pango_cairo_font_map_new()};
  Object<PangoContext> context{pango_font_map_create_context(fonts.get())};

  double left_of(double x, double width) const { return rtl ? kPaperWidth - x - width : x; }

  Object<PangoLayout> layout(double width, std::string_view utf8, const TextStyle& style) const {
    Object<PangoLayout> layout(pango_layout_new(context.get()));
    PangoFontDescription* font = pango_font_description_from_string(kFont);
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    if (style.bold) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);
    const int length = static_cast<int>(utf8.size());
    pango_layout_set_text(layout.get(), utf8.data(), length);
    pango_layout_set_width(layout.get(), static_cast<int>(width * PANGO_SCALE));
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    if (style.wraps) {
      pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
      PangoAttrList* as_written = pango_attr_list_new();
      pango_attr_list_insert(as_written, pango_attr_insert_hyphens_new(FALSE));
      pango_layout_set_attributes(layout.get(), as_written);
      pango_attr_list_unref(as_written);
    } else {
      pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    }
    // A column has one edge, whichever way the text in it reads.
    const PangoDirection base = style.plain ? PANGO_DIRECTION_LTR : direction_of(utf8);
    const bool reads_from_right =
        base == PANGO_DIRECTION_RTL || (base == PANGO_DIRECTION_NEUTRAL && rtl);
    pango_layout_set_auto_dir(layout.get(), FALSE);
    pango_context_set_base_dir(context.get(),
                               reads_from_right ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_layout_context_changed(layout.get());
    const bool at_left = (style.align == Align::start) != rtl;
    pango_layout_set_alignment(layout.get(), style.align == Align::centre ? PANGO_ALIGN_CENTER
                                             : at_left                    ? PANGO_ALIGN_LEFT
                                                                          : PANGO_ALIGN_RIGHT);
    return layout;
  }
};

Paper::Paper(std::string_view title, Direction direction, std::int64_t made_us)
    : state_(std::make_unique<State>()) {
  state_->rtl = direction == Direction::right_to_left;
  state_->surface =
      cairo_pdf_surface_create_for_stream(append, &state_->file, kPaperWidth, kPaperHeight);
  const std::string name(title), made = format_time(made_us).substr(0, 19) + "Z";
  cairo_pdf_surface_set_metadata(state_->surface, CAIRO_PDF_METADATA_TITLE, name.c_str());
  cairo_pdf_surface_set_metadata(state_->surface, CAIRO_PDF_METADATA_AUTHOR, "Mini-InstaPay");
  cairo_pdf_surface_set_metadata(state_->surface, CAIRO_PDF_METADATA_CREATE_DATE, made.c_str());
  state_->cairo = cairo_create(state_->surface);
  pango_cairo_update_context(state_->cairo, state_->context.get());
}

Paper::~Paper() {
  cairo_destroy(state_->cairo);
  cairo_surface_destroy(state_->surface);
}

double Paper::text(double x, double y, double width, std::string_view utf8,
                   const TextStyle& style) {
  const auto layout = state_->layout(width, utf8, style);
  int height = 0;
  pango_layout_get_size(layout.get(), nullptr, &height);
  cairo_set_source_rgb(state_->cairo, style.grey, style.grey, style.grey);
  cairo_move_to(state_->cairo, state_->left_of(x, width), y);
  pango_cairo_show_layout(state_->cairo, layout.get());
  return static_cast<double>(height) / PANGO_SCALE;
}

double Paper::height_of(double width, std::string_view utf8, const TextStyle& style) {
  int height = 0;
  pango_layout_get_size(state_->layout(width, utf8, style).get(), nullptr, &height);
  return static_cast<double>(height) / PANGO_SCALE;
}

void Paper::rule(double x, double y, double width, double grey) {
  cairo_set_source_rgb(state_->cairo, grey, grey, grey);
  cairo_set_line_width(state_->cairo, 0.5);
  cairo_move_to(state_->cairo, state_->left_of(x, width), y);
  cairo_rel_line_to(state_->cairo, width, 0);
  cairo_stroke(state_->cairo);
}

void Paper::bar(double x, double y, double width, double height, double grey) {
  cairo_set_source_rgb(state_->cairo, grey, grey, grey);
  cairo_rectangle(state_->cairo, state_->left_of(x, width), y, width, height);
  cairo_fill(state_->cairo);
}

bool Paper::qr(double x, double y, double size, std::string_view text) {
  const std::unique_ptr<QRcode, FreeQr> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L));
  if (!code) return false;
  constexpr int kQuiet = 4, kBlack = 1;  // modules around it, as the standard wants them
  const double module = size / (code->width + 2 * kQuiet);
  const double left = state_->left_of(x, size) + kQuiet * module, top = y + kQuiet * module;
  cairo_set_source_rgb(state_->cairo, 0, 0, 0);
  for (int row = 0; row < code->width; ++row)
    for (int column = 0; column < code->width; ++column)
      if ((code->data[row * code->width + column] & kBlack) != 0)
        cairo_rectangle(state_->cairo, left + column * module, top + row * module, module, module);
  cairo_fill(state_->cairo);
  return true;
}

void Paper::next_page() { cairo_show_page(state_->cairo); }

std::string Paper::finish() {
  cairo_show_page(state_->cairo);
  cairo_surface_finish(state_->surface);
  CHECK(cairo_surface_status(state_->surface) == CAIRO_STATUS_SUCCESS);
  return std::move(state_->file);
}

}  // namespace instapay::documents
