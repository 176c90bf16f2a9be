#include "documents/paper_texts.h"

namespace instapay::documents {
namespace {

constexpr PaperTexts kEnglish{
    .direction = Direction::left_to_right,
    .statement_title = "Account statement",
    .account_holder = "Account holder",
    .account = "Account",
    .period = "Period",
    .time_zone = "Time zone",
    .made_at = "Made at",
    .opening = "Opening balance",
    .money_in = "Money in",
    .money_out = "Money out",
    .closing = "Closing balance",
    .date = "Date",
    .description = "Description",
    .amount = "Amount",
    .balance = "Balance",
    .verify = "Scan to check that this is genuine",
    .page = "Page {} of {}",
    .nothing = "No entries in this period.",
    .as_of = "Everything booked by then is included.",
    .receipt_title = "Payment receipt",
    .from = "From",
    .to = "To",
    .paid_at = "Paid at",
    .kind = "Kind",
    .note = "Note",
    .payment = "Payment",
    .refund_of = "Refund of",
    .ledger = "Place in the ledger",
    .proven = "The signed receipt is attached to this file.",
    .transfer_in = "Received",
    .transfer_out = "Sent",
    .refund = "Refund",
    .opening_entry = "Opening credit",
    .adjustment = "Adjustment",
    .other = "Payment",
};

constexpr PaperTexts kArabic{
    .direction = Direction::right_to_left,
    .statement_title = "كشف حساب",
    .account_holder = "صاحب الحساب",
    .account = "الحساب",
    .period = "الفترة",
    .time_zone = "المنطقة الزمنية",
    .made_at = "تاريخ الإصدار",
    .opening = "الرصيد الافتتاحي",
    .money_in = "إجمالي الوارد",
    .money_out = "إجمالي الصادر",
    .closing = "الرصيد الختامي",
    .date = "التاريخ",
    .description = "البيان",
    .amount = "المبلغ",
    .balance = "الرصيد",
    .verify = "امسح الرمز للتحقق من صحة هذا المستند",
    .page = "صفحة {} من {}",
    .nothing = "لا توجد حركات في هذه الفترة.",
    .as_of = "يشمل الكشف كل ما قُيِّد حتى هذا التاريخ.",
    .receipt_title = "إيصال دفع",
    .from = "من",
    .to = "إلى",
    .paid_at = "تاريخ الدفع",
    .kind = "النوع",
    .note = "ملاحظة",
    .payment = "رقم العملية",
    .refund_of = "استرداد للعملية",
    .ledger = "موضعها في الدفتر",
    .proven = "الإيصال الموقَّع مرفق بهذا الملف.",
    .transfer_in = "تحويل وارد",
    .transfer_out = "تحويل صادر",
    .refund = "استرداد",
    .opening_entry = "رصيد افتتاحي مضاف",
    .adjustment = "تسوية",
    .other = "دفعة",
};

}  // namespace

const PaperTexts& paper_texts(std::string_view language) {
  return language == "ar" ? kArabic : kEnglish;
}

std::string_view kind_text(const PaperTexts& texts, std::string_view kind) {
  if (kind == "refund") return texts.refund;
  if (kind == "opening") return texts.opening_entry;
  if (kind == "adjustment") return texts.adjustment;
  return texts.other;
}

}  // namespace instapay::documents
