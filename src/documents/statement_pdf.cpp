#include "documents/statement_pdf.h"

#include <fmt/format.h>

#include <algorithm>

#include "documents/paper.h"
#include "documents/paper_texts.h"

namespace instapay::documents {
namespace {

constexpr double kWidth = kPaperWidth - 2 * kPaperMargin;
constexpr double kBottom = kPaperHeight - kPaperMargin - 24.0;
constexpr double kQrSize = 132.0;
constexpr double kRowPadding = 4.0;

struct TableColumn {
  double x, width;
};
constexpr TableColumn kDate{kPaperMargin, 88.0};
constexpr TableColumn kDescription{kPaperMargin + 92.0, 205.0};
constexpr TableColumn kAmount{kPaperMargin + 300.0, 100.0};
constexpr TableColumn kBalance{kPaperMargin + 404.0, kWidth - 404.0};

constexpr TextStyle kPlain{.plain = true};
constexpr TextStyle kNumber{.align = Align::end, .plain = true};
constexpr TextStyle kSmall{.size = 7.5, .grey = 0.35};
constexpr TextStyle kNote{.size = 7.5, .grey = 0.35, .wraps = true};
constexpr TextStyle kHead{.size = 8.0, .bold = true};
constexpr TextStyle kHeadEnd{.size = 8.0, .bold = true, .align = Align::end};

std::string_view entry_text(const PaperTexts& texts, const StatementEntry& entry) {
  if (is_payment(entry)) return entry.amount_minor > 0 ? texts.transfer_in : texts.transfer_out;
  return kind_text(texts, entry.kind);
}

// How high each entry is, which says how many pages there are before the first one is printed.
struct Measured {
  std::vector<double> heights;
  int pages = 0;
};

class StatementPrinter {
 public:
  /// Without `measured` it measures.
  StatementPrinter(const Statement& statement, const PrintedStatement& printed,
                   const Measured* measured)
      : statement_(statement),
        printed_(printed),
        texts_(paper_texts(printed.language)),
        measured_(measured),
        paper_(texts_.statement_title, texts_.direction, statement.read.utc_us) {}

  std::expected<std::string, std::string> print() {
    if (!print_front()) return std::unexpected("the token is too long for a QR code");
    print_table_head();
    print_balance(texts_.opening, statement_.begins, statement_.opening_minor);
    kind_height_ = paper_.height_of(kDescription.width, texts_.other, kSmall);
    for (std::size_t i = 0; i < statement_.entries.size(); ++i) print_entry(i);
    if (statement_.entries.empty()) {
      y_ += paper_.text(kDescription.x, y_, kDescription.width, texts_.nothing, kSmall);
      y_ += kRowPadding;
    }
    print_balance(texts_.closing, statement_.closes, statement_.closing_minor);
    print_foot();
    return paper_.finish();
  }

  Measured measured() && { return {std::move(heights_), page_}; }

 private:
  std::string money(Total minor) const { return format_amount(minor, statement_.currency); }

  void print_fact(std::string_view name, std::string_view value, const TextStyle& style) {
    constexpr double kNameWidth = 96.0, kValueWidth = kWidth - kNameWidth - kQrSize - 12.0;
    paper_.text(kPaperMargin, y_, kNameWidth, name, {.grey = 0.35});
    y_ += paper_.text(kPaperMargin + kNameWidth, y_, kValueWidth, value, style) + 3.0;
  }

  bool print_front() {
    const double top = y_;
    y_ += paper_.text(kPaperMargin, y_, kWidth - kQrSize, kIssuerName, {.size = 11.0, .grey = 0.3});
    y_ += paper_.text(kPaperMargin, y_, kWidth - kQrSize, texts_.statement_title,
                      {.size = 19.0, .bold = true});
    y_ += 8.0;
    print_fact(texts_.account_holder, statement_.holder, {.size = 9.0, .bold = true});
    print_fact(texts_.account, "@" + statement_.username, kPlain);
    print_fact("", statement_.account.to_string(), {.size = 7.5, .grey = 0.35, .plain = true});
    print_fact(texts_.period, statement_.start + " – " + statement_.end, kPlain);
    print_fact(texts_.time_zone, statement_.tz, kPlain);
    print_fact(texts_.made_at, minute_text(statement_.read), kPlain);
    print_fact("", texts_.as_of, kSmall);
    const double left = kPaperMargin + kWidth - kQrSize;
    if (!paper_.qr(left, top, kQrSize, printed_.verify_url)) return false;
    paper_.text(left, top + kQrSize, kQrSize, texts_.verify,
                {.size = 7.0, .grey = 0.3, .align = Align::centre, .wraps = true});
    y_ = std::max(y_, top + kQrSize + 24.0);
    print_sums();
    return true;
  }

  void print_sums() {
    const StatementSums sums = add_up(statement_);
    const std::pair<std::string, std::string> boxes[] = {
        {std::string(texts_.opening), money(statement_.opening_minor)},
        {fmt::format("{} ({})", texts_.money_in, sums.in_count), money(sums.in_minor)},
        {fmt::format("{} ({})", texts_.money_out, sums.out_count), money(sums.out_minor)},
        {std::string(texts_.closing), money(statement_.closing_minor)}};
    const double width = kWidth / static_cast<double>(std::size(boxes));
    paper_.bar(kPaperMargin, y_, kWidth, 38.0);
    double x = kPaperMargin;
    for (const auto& [name, value] : boxes) {
      paper_.text(x + 6.0, y_ + 5.0, width - 12.0, name, kSmall);
      paper_.text(x + 6.0, y_ + 17.0, width - 12.0,
                  fmt::format("{} {}", value, statement_.currency.code),
                  {.size = 10.0, .bold = true, .plain = true});
      x += width;
    }
    y_ += 48.0;
  }

  void print_table_head() {
    paper_.text(kDate.x, y_, kDate.width, texts_.date, kHead);
    paper_.text(kDescription.x, y_, kDescription.width, texts_.description, kHead);
    paper_.text(kAmount.x, y_, kAmount.width, texts_.amount, kHeadEnd);
    y_ += paper_.text(kBalance.x, y_, kBalance.width, texts_.balance, kHeadEnd) + 3.0;
    paper_.rule(kPaperMargin, y_, kWidth, 0.2);
    y_ += kRowPadding;
  }

  void print_foot() {
    const double y = kPaperHeight - kPaperMargin - 10.0;
    paper_.text(kPaperMargin, y, kWidth / 2.0,
                fmt::format("{} · @{}", kIssuerName, statement_.username),
                {.size = 7.0, .grey = 0.35, .plain = true});
    paper_.text(kPaperMargin + kWidth / 2.0, y, kWidth / 2.0,
                fmt::format(fmt::runtime(texts_.page), page_, measured_ ? measured_->pages : 0),
                {.size = 7.0, .grey = 0.35, .align = Align::end});
  }

  void make_room(double height) {
    if (y_ + height <= kBottom) return;
    print_foot();
    paper_.next_page();
    ++page_;
    y_ = kPaperMargin;
    print_table_head();
  }

  void print_balance(std::string_view name, ZonedTime at, std::int64_t minor) {
    make_room(20.0);
    paper_.text(kDate.x, y_, kDate.width, minute_text(at), kPlain);
    paper_.text(kDescription.x, y_, kDescription.width, name, {.bold = true});
    y_ += paper_.text(kBalance.x, y_, kBalance.width, money(minor),
                      {.bold = true, .align = Align::end, .plain = true});
    end_row();
  }

  double measure(const StatementEntry& entry) {
    double height = paper_.height_of(kDescription.width, counterparty_of(entry), {}) + kind_height_;
    if (!entry.note.empty()) height += paper_.height_of(kDescription.width, entry.note, kNote);
    heights_.push_back(height);
    return height;
  }

  void print_entry(std::size_t index) {
    const StatementEntry& entry = statement_.entries[index];
    const double height = measured_ != nullptr ? measured_->heights[index] : measure(entry);
    make_room(height + 2 * kRowPadding);
    if (measured_ != nullptr) print_cells(entry);
    y_ += height;
    end_row();
  }

  void print_cells(const StatementEntry& entry) {
    paper_.text(kDate.x, y_, kDate.width, minute_text(entry.at), kPlain);
    const std::string amount = (entry.amount_minor > 0 ? "+" : "") + money(entry.amount_minor);
    paper_.text(kAmount.x, y_, kAmount.width, amount, kNumber);
    paper_.text(kBalance.x, y_, kBalance.width, money(entry.balance_minor), kNumber);
    double y = y_;
    y += paper_.text(kDescription.x, y, kDescription.width, counterparty_of(entry), {});
    paper_.text(kDescription.x, y, kDescription.width, entry_text(texts_, entry), kSmall);
    y += kind_height_;
    if (!entry.note.empty()) paper_.text(kDescription.x, y, kDescription.width, entry.note, kNote);
  }

  void end_row() {
    y_ += kRowPadding;
    paper_.rule(kPaperMargin, y_, kWidth);
    y_ += kRowPadding;
  }

  const Statement& statement_;
  const PrintedStatement& printed_;
  const PaperTexts& texts_;
  const Measured* measured_;
  Paper paper_;
  std::vector<double> heights_;
  double kind_height_ = 0;
  int page_ = 1;
  double y_ = kPaperMargin;
};

}  // namespace

std::expected<std::string, std::string> statement_pdf(const Statement& statement,
                                                      const PrintedStatement& printed) {
  StatementPrinter measuring(statement, printed, nullptr);
  if (auto pages = measuring.print(); !pages) return pages;
  const Measured measured = std::move(measuring).measured();
  auto pdf = StatementPrinter(statement, printed, &measured).print();
  if (!pdf) return pdf;
  return attach_files(*pdf, {{.name = "statement.csv",
                              .description = "The entries",
                              .media_type = "text/csv",
                              .content = printed.csv},
                             {.name = "statement.jws",
                              .description = "The signed summary",
                              .media_type = "application/jose",
                              .content = printed.token}});
}

}  // namespace instapay::documents
