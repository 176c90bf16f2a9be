#include "auth/base64url.h"
#include "documents/statement_formats.h"
#include "documents/xml.h"

namespace instapay::documents {
namespace {

constexpr std::size_t kName_chars = 32, kMemo_chars = 255;
constexpr const char* kBankId = "INSTAPAY";

// ACCTID has room for 22 characters: those of 16 bytes in base64url.
std::string account_text(const Uuid& id) { return auth::base64url_encode(id.bytes); }

void write_status(XmlWriter& xml) {
  xml.open("STATUS").element("CODE", "0").element("SEVERITY", "INFO").close();
}

void write_entry(XmlWriter& xml, const StatementEntry& entry, Currency currency) {
  xml.open("STMTTRN");
  xml.element("TRNTYPE", is_payment(entry) ? "XFER" : entry.amount_minor > 0 ? "CREDIT" : "DEBIT");
  xml.element("DTPOSTED", ofx_time(entry.at.utc_us));
  xml.element("TRNAMT", format_amount(entry.amount_minor, currency));
  xml.element("FITID", entry.transaction.to_string());
  xml.element("NAME", first_chars(counterparty_of(entry), kName_chars));
  if (!entry.note.empty()) xml.element("MEMO", first_chars(entry.note, kMemo_chars));
  xml.close();
}

}  // namespace

std::string statement_ofx(const Statement& statement) {
  const Currency currency = statement.currency;
  const std::string read = ofx_time(statement.read.utc_us);
  const std::string closes = ofx_time(statement.closes.utc_us);
  XmlWriter xml;
  xml.instruction("OFX",
                  "OFXHEADER=\"200\" VERSION=\"220\" SECURITY=\"NONE\" OLDFILEUID=\"NONE\" "
                  "NEWFILEUID=\"NONE\"");
  xml.open("OFX").open("SIGNONMSGSRSV1").open("SONRS");
  write_status(xml);
  xml.element("DTSERVER", read).element("LANGUAGE", "ENG");
  xml.open("FI").element("ORG", kIssuerName).close().close().close();
  xml.open("BANKMSGSRSV1").open("STMTTRNRS").element("TRNUID", "0");
  write_status(xml);
  xml.open("STMTRS").element("CURDEF", currency.code);
  xml.open("BANKACCTFROM").element("BANKID", kBankId);
  xml.element("ACCTID", account_text(statement.account)).element("ACCTTYPE", "CHECKING").close();
  xml.open("BANKTRANLIST").element("DTSTART", ofx_time(statement.begins.utc_us));
  xml.element("DTEND", closes);
  for (const StatementEntry& entry : statement.entries) write_entry(xml, entry, currency);
  xml.close().open("LEDGERBAL");
  xml.element("BALAMT", format_amount(statement.closing_minor, currency));
  xml.element("DTASOF", closes).close();
  xml.open("BALLIST").open("BAL").element("NAME", "Opening balance");
  xml.element("DESC", "Balance before the first entry").element("BALTYPE", "DOLLAR");
  xml.element("VALUE", format_amount(statement.opening_minor, currency));
  xml.element("DTASOF", ofx_time(statement.begins.utc_us));
  return xml.finish();
}

}  // namespace instapay::documents
