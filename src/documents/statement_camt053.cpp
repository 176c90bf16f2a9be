#include <fmt/format.h>

#include "core/sha256.h"
#include "documents/statement_formats.h"
#include "documents/xml.h"

namespace instapay::documents {
namespace {

constexpr const char* kNamespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
constexpr std::size_t kText_chars = 140;  // Max140Text

// With its hyphens a UUID is a character too long for Max35Text.
std::string id_text(const Uuid& id) { return to_hex(id.bytes); }

Total without_sign(Total minor) { return minor < 0 ? -minor : minor; }

class Camt053 {
 public:
  explicit Camt053(const Statement& statement) : statement_(statement) {}

  std::string write() {
    const std::string id =
        fmt::format("{}-{}", id_text(statement_.account).substr(0, 12), statement_.read.utc_us);
    xml_.open("Document").attribute("xmlns", kNamespace).open("BkToCstmrStmt");
    xml_.open("GrpHdr").element("MsgId", id);
    xml_.element("CreDtTm", zoned_text(statement_.read)).close();
    xml_.open("Stmt").element("Id", id).element("CreDtTm", zoned_text(statement_.read));
    xml_.open("FrToDt").element("FrDtTm", zoned_text(statement_.begins));
    xml_.element("ToDtTm", zoned_text(statement_.closes)).close();
    write_account();
    write_balance("OPBD", statement_.begins, statement_.opening_minor);
    write_balance("CLBD", statement_.closes, statement_.closing_minor);
    write_sums();
    for (const StatementEntry& entry : statement_.entries) write_entry(entry);
    return xml_.finish();
  }

 private:
  void write_amount(const char* name, Total minor) {
    xml_.open(name).attribute("Ccy", statement_.currency.code);
    xml_.text(format_amount(without_sign(minor), statement_.currency)).close();
  }

  void write_direction(Total minor) { xml_.element("CdtDbtInd", minor < 0 ? "DBIT" : "CRDT"); }

  void write_moment(const char* name, ZonedTime at) {
    xml_.open(name).element("DtTm", zoned_text(at)).close();
  }

  void write_account() {
    xml_.open("Acct").open("Id").open("Othr").element("Id", id_text(statement_.account));
    xml_.close().close().element("Ccy", statement_.currency.code);
    xml_.element("Nm", first_chars(statement_.username, 70));
    xml_.open("Ownr").element("Nm", first_chars(statement_.holder, kText_chars)).close();
    xml_.close();
  }

  void write_balance(const char* code, ZonedTime at, std::int64_t minor) {
    xml_.open("Bal").open("Tp").open("CdOrPrtry").element("Cd", code).close().close();
    write_amount("Amt", minor);
    write_direction(minor);
    write_moment("Dt", at);
    xml_.close();
  }

  void write_sum(const char* name, std::int64_t count, Total minor) {
    xml_.open(name).element("NbOfNtries", std::to_string(count));
    xml_.element("Sum", format_amount(minor, statement_.currency)).close();
  }

  void write_sums() {
    const StatementSums sums = add_up(statement_);
    const Total net = sums.in_minor - sums.out_minor;
    xml_.open("TxsSummry").open("TtlNtries");
    xml_.element("NbOfNtries", std::to_string(sums.in_count + sums.out_count));
    xml_.element("Sum", format_amount(sums.in_minor + sums.out_minor, statement_.currency));
    xml_.open("TtlNetNtry").element("Amt", format_amount(without_sign(net), statement_.currency));
    write_direction(net);
    xml_.close().close();
    write_sum("TtlCdtNtries", sums.in_count, sums.in_minor);
    write_sum("TtlDbtNtries", sums.out_count, sums.out_minor);
    xml_.close();
  }

  void write_party(const char* name, std::string_view who) {
    xml_.open(name).open("Pty").element("Nm", first_chars(who, kText_chars)).close().close();
  }

  void write_entry(const StatementEntry& entry) {
    const bool in = entry.amount_minor > 0;
    const std::string id = id_text(entry.transaction);
    xml_.open("Ntry").element("NtryRef", id);
    write_amount("Amt", entry.amount_minor);
    write_direction(entry.amount_minor);
    if (entry.kind == "refund") xml_.element("RvslInd", "true");
    xml_.open("Sts").element("Cd", "BOOK").close();
    write_moment("BookgDt", entry.at);
    write_moment("ValDt", entry.at);
    xml_.element("AcctSvcrRef", id);
    xml_.open("BkTxCd").open("Prtry").element("Cd", entry.kind);
    xml_.element("Issr", kIssuerName).close().close();
    xml_.open("NtryDtls").open("TxDtls").open("Refs").element("AcctSvcrRef", id);
    xml_.element("TxId", id).close();
    write_amount("Amt", entry.amount_minor);
    write_direction(entry.amount_minor);
    xml_.open("RltdPties");
    write_party("Dbtr", in ? counterparty_of(entry) : statement_.holder);
    write_party("Cdtr", in ? std::string_view(statement_.holder) : counterparty_of(entry));
    xml_.close();
    if (!entry.note.empty())
      xml_.open("RmtInf").element("Ustrd", first_chars(entry.note, kText_chars)).close();
    xml_.close().close().close();
  }

  const Statement& statement_;
  XmlWriter xml_;
};

}  // namespace

std::string statement_camt053(const Statement& statement) { return Camt053(statement).write(); }

}  // namespace instapay::documents
