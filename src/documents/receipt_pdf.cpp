#include "documents/receipt_pdf.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/access_token.h"
#include "auth/jws.h"
#include "core/json.h"
#include "documents/paper.h"
#include "documents/paper_texts.h"
#include "documents/statement.h"

namespace instapay::documents {
namespace {

constexpr std::string_view kType = "payment+jwt";
constexpr std::int64_t kVersion = 1;
constexpr double kWidth = kPaperWidth - 2 * kPaperMargin;
constexpr double kQrSize = 132.0, kNameWidth = 120.0;

std::string_view name_or_issuer(const std::string& name) {
  return name.empty() ? kIssuerName : std::string_view(name);
}

class ReceiptPrinter {
 public:
  ReceiptPrinter(const PrintedReceipt& printed, const PaperTexts& texts)
      : printed_(printed),
        texts_(texts),
        paper_(texts.receipt_title, texts.direction, printed.paid.utc_us) {}

  std::expected<std::string, std::string> print(std::string_view verify_url) {
    const double top = y_;
    y_ += paper_.text(kPaperMargin, y_, kWidth - kQrSize, kIssuerName, {.size = 11.0, .grey = 0.3});
    y_ += paper_.text(kPaperMargin, y_, kWidth - kQrSize, texts_.receipt_title,
                      {.size = 19.0, .bold = true});
    y_ += 10.0;
    y_ += paper_.text(kPaperMargin, y_, kWidth - kQrSize,
                      fmt::format("{} {}", format_amount(printed_.amount_minor, printed_.currency),
                                  printed_.currency.code),
                      {.size = 22.0, .bold = true, .plain = true});
    const double left = kPaperMargin + kWidth - kQrSize;
    if (!paper_.qr(left, top, kQrSize, verify_url))
      return std::unexpected("the token is too long for a QR code");
    paper_.text(left, top + kQrSize, kQrSize, texts_.verify,
                {.size = 7.0, .grey = 0.3, .align = Align::centre, .wraps = true});
    y_ = std::max(y_, top + kQrSize + 24.0);
    print_facts();
    paper_.text(kPaperMargin, y_ + 8.0, kWidth, texts_.proven, {.size = 7.5, .grey = 0.35});
    return paper_.finish();
  }

 private:
  void print_facts() {
    constexpr TextStyle kPlain{.plain = true}, kId{.size = 8.0, .plain = true};
    constexpr TextStyle kLong{.wraps = true};
    print_fact(texts_.from, name_or_issuer(printed_.payer), kLong);
    print_fact(texts_.to, name_or_issuer(printed_.payee), kLong);
    print_fact(texts_.paid_at, fmt::format("{} {}", minute_text(printed_.paid), printed_.tz),
               kPlain);
    print_fact(texts_.kind, kind_text(texts_, printed_.kind), {});
    if (!printed_.note.empty()) print_fact(texts_.note, printed_.note, kLong);
    print_fact(texts_.payment, printed_.payment.to_string(), kId);
    if (!printed_.refund_of.empty()) print_fact(texts_.refund_of, printed_.refund_of, kId);
    print_fact(texts_.ledger, fmt::format("{} / {}", printed_.chain, printed_.batch), kId);
  }

  void print_fact(std::string_view name, std::string_view value, const TextStyle& style) {
    paper_.rule(kPaperMargin, y_, kWidth);
    y_ += 5.0;
    const double height = paper_.text(kPaperMargin, y_, kNameWidth, name, {.grey = 0.35});
    y_ += std::max(height,
                   paper_.text(kPaperMargin + kNameWidth, y_, kWidth - kNameWidth, value, style)) +
          5.0;
  }

  const PrintedReceipt& printed_;
  const PaperTexts& texts_;
  Paper paper_;
  double y_ = kPaperMargin;
};

}  // namespace

std::string receipt_token(const PrintedReceipt& printed, std::int64_t issued_at_s,
                          const auth::SigningKeys& keys) {
  std::string payload;
  JsonWriter json(payload);
  json.begin_object().field("iss", auth::kIssuer).field("iat", issued_at_s);
  json.field("version", kVersion).field("id", printed.payment);
  json.field("amount", format_amount(printed.amount_minor, printed.currency));
  json.field("currency", printed.currency.code).field("kind", printed.kind);
  json.field("payer", masked_name(name_or_issuer(printed.payer)));
  json.field("payee", masked_name(name_or_issuer(printed.payee)));
  json.key("createdAt").time(printed.paid.utc_us).end_object();
  return auth::sign_jws(payload, kType, keys);
}

std::expected<std::string, std::string> receipt_pdf(const PrintedReceipt& printed,
                                                    std::string_view language,
                                                    std::string_view verify_url) {
  auto pdf = ReceiptPrinter(printed, paper_texts(language)).print(verify_url);
  if (!pdf) return pdf;
  return attach_files(*pdf, {{.name = "receipt.jws",
                              .description = "The signed receipt",
                              .media_type = "application/jose",
                              .content = printed.receipt}});
}

}  // namespace instapay::documents
