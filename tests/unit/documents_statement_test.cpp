#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/base64url.h"
#include "auth/jws.h"
#include "core/sha256.h"
#include "core/time.h"
#include "documents/statement_formats.h"
#include "documents/statement_pdf.h"
#include "documents/statement_token.h"

namespace instapay::documents {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kTwoHours_us = 7'200 * kSecond_us;

ZonedTime cairo(std::string_view utc) {
  const std::int64_t at = parse_time(utc).value();
  return {at, at + kTwoHours_us};
}

Statement november(std::string_view currency = "EGP") {
  Statement statement;
  statement.currency = Currency::find(currency).value();
  statement.account = Uuid::parse("0193a001-0000-7000-8000-00000000000a").value();
  statement.username = "amal";
  statement.holder = "Amal Hassan";
  statement.start = "2026-11-01";
  statement.end = "2026-11-30";
  statement.tz = "Africa/Cairo";
  statement.begins = cairo("2026-10-31T22:00:00Z");
  statement.closes = cairo("2026-11-30T21:59:59.999999Z");
  statement.read = cairo("2026-12-01T06:30:00Z");
  statement.opening_minor = statement.closing_minor = 100'000;
  return statement;
}

StatementEntry& add(Statement& statement, std::int64_t amount_minor, std::string_view name,
                    std::string_view note = "", std::string_view kind = "transfer") {
  StatementEntry entry;
  entry.transaction = Uuid::parse("0193a001-0000-7000-8000-0000000000ff").value();
  entry.at = cairo("2026-11-05T22:30:00.000001Z");
  entry.kind = kind;
  entry.amount_minor = amount_minor;
  entry.balance_minor = statement.closing_minor += amount_minor;
  entry.counterparty_name = name;
  if (!name.empty()) entry.counterparty_username = "karim";
  entry.note = note;
  return statement.entries.emplace_back(std::move(entry));
}

Statement paid_and_received() {
  Statement statement = november();
  add(statement, -1'230, "Karim & Sons", "rent, \"flat\" <12>");
  add(statement, 5, "", "", "adjustment");
  return statement;
}

TEST(Statement, BalancesFollowFromEachOther) {
  Statement statement = paid_and_received();
  EXPECT_TRUE(is_balanced(statement));
  statement.closing_minor += 1;
  EXPECT_FALSE(is_balanced(statement));
  statement = paid_and_received();
  statement.entries[0].balance_minor -= 1;
  EXPECT_FALSE(is_balanced(statement));
  statement = paid_and_received();
  statement.entries.pop_back();
  EXPECT_FALSE(is_balanced(statement));
  EXPECT_TRUE(is_balanced(november()));
}

TEST(Statement, SumsDoNotOverflow) {
  Statement statement = november();
  statement.opening_minor = statement.closing_minor = 0;
  for (int i = 0; i < 1'200; ++i)
    add(statement, i % 2 == 0 ? kAmountMax_minor : -kAmountMax_minor, "x");
  EXPECT_TRUE(is_balanced(statement));
  const StatementSums sums = add_up(statement);
  EXPECT_EQ(sums.in_minor, Total{600} * kAmountMax_minor);
  EXPECT_EQ(sums.out_minor, Total{600} * kAmountMax_minor);
  EXPECT_THAT(statement_camt053(statement), HasSubstr("<Sum>54000000000000000.00</Sum>"));
}

TEST(Statement, Csv) {
  EXPECT_EQ(
      statement_csv(paid_and_received()),
      "type,bookedAt,transactionId,kind,counterpartyUsername,counterparty,note,refundOf,amount,"
      "balance\r\n"
      "opening,2026-11-01T00:00:00.000000+02:00,,,,,,,,1000.00\r\n"
      "entry,2026-11-06T00:30:00.000001+02:00,0193a001-0000-7000-8000-0000000000ff,transfer,karim,"
      "Karim & Sons,\"rent, \"\"flat\"\" <12>\",,-12.30,987.70\r\n"
      "entry,2026-11-06T00:30:00.000001+02:00,0193a001-0000-7000-8000-0000000000ff,adjustment,,,,,"
      "0.05,987.75\r\n"
      "closing,2026-11-30T23:59:59.999999+02:00,,,,,,,,987.75\r\n");
}

TEST(Statement, Mt940) {
  EXPECT_EQ(statement_mt940(paid_and_received()),
            ":20:2611010193a00100\r\n"
            ":25:0193a00100007000800000000000000a\r\n"
            ":28C:1/1\r\n"
            ":60F:C261101EGP1000,00\r\n"
            ":61:2611061106D12,30NTRF0193a00100007000//80000000000000ff\r\n"
            ":86:0193a001-0000-7000-8000-0000000000ff transfer Karim + Sons / rent\r\n"
            ", .flat. .12.\r\n"
            ":61:2611061106C0,05NMSC0193a00100007000//80000000000000ff\r\n"
            ":86:0193a001-0000-7000-8000-0000000000ff adjustment Mini-InstaPay\r\n"
            ":62F:C261130EGP987,75\r\n"
            "-\r\n");
}

TEST(Statement, Mt940IsInSwiftsCharacters) {
  Statement statement = november();
  add(statement, -1, "كريم عبد الله", std::string(137, '-') + ":61");
  const std::string text = statement_mt940(statement).value();
  EXPECT_THAT(text, HasSubstr("krym"));
  EXPECT_THAT(text, Not(HasSubstr("\n-----")));  // would end the message
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "/-?:().,'+ \r\n"),
            std::string::npos);
}

TEST(Statement, Mt940SaysWhenANumberHasNoRoom) {
  Statement statement = november();
  statement.opening_minor = statement.closing_minor = 99'999'999'999'999;
  EXPECT_TRUE(statement_mt940(statement));
  statement.opening_minor = statement.closing_minor = 1'000'000'000'000'00;
  EXPECT_FALSE(statement_mt940(statement));
}

TEST(Statement, Ofx) {
  const std::string text = statement_ofx(paid_and_received());
  EXPECT_THAT(text, HasSubstr("<?OFX OFXHEADER=\"200\" VERSION=\"220\""));
  EXPECT_THAT(text, HasSubstr("<STMTTRN><TRNTYPE>XFER</TRNTYPE>"
                              "<DTPOSTED>20261105223000.000[0:GMT]</DTPOSTED>"
                              "<TRNAMT>-12.30</TRNAMT>"
                              "<FITID>0193a001-0000-7000-8000-0000000000ff</FITID>"
                              "<NAME>Karim &amp; Sons</NAME>"
                              "<MEMO>rent, &quot;flat&quot; &lt;12&gt;</MEMO></STMTTRN>"));
  EXPECT_THAT(text, HasSubstr("<LEDGERBAL><BALAMT>987.75</BALAMT>"));
  EXPECT_THAT(text, HasSubstr("<VALUE>1000.00</VALUE>"));
  EXPECT_THAT(text, HasSubstr("<ACCTID>AZOgAQAAcACAAAAAAAAACg</ACCTID>"));  // A-22
}

TEST(Statement, Camt053) {
  const std::string text = statement_camt053(paid_and_received());
  EXPECT_THAT(text, HasSubstr("<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>"
                              "<Amt Ccy=\"EGP\">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
                              "<Dt><DtTm>2026-11-01T00:00:00.000000+02:00</DtTm></Dt></Bal>"));
  EXPECT_THAT(text, HasSubstr("<TtlNetNtry><Amt>12.25</Amt><CdtDbtInd>DBIT</CdtDbtInd>"));
  EXPECT_THAT(text, HasSubstr("<Dbtr><Pty><Nm>Amal Hassan</Nm></Pty></Dbtr>"
                              "<Cdtr><Pty><Nm>Karim &amp; Sons</Nm></Pty></Cdtr>"));
  EXPECT_THAT(text, HasSubstr("<Dbtr><Pty><Nm>Mini-InstaPay</Nm></Pty></Dbtr>"));
}

TEST(Statement, MoneyHasTheCurrencysDigits) {
  for (const auto& [currency, amount, comma] :
       {std::tuple{"JPY", "-1230", "D1230,"}, std::tuple{"KWD", "-1.230", "D1,230"},
        std::tuple{"CLF", "-0.1230", "D0,1230"}}) {
    Statement statement = november(currency);
    add(statement, -1'230, "Karim");
    EXPECT_THAT(statement_csv(statement), HasSubstr(std::string(",") + amount + ","));
    EXPECT_THAT(statement_ofx(statement), HasSubstr(std::string("<TRNAMT>") + amount + "<"));
    EXPECT_THAT(statement_camt053(statement),
                HasSubstr(std::string(">") + (amount + 1) + "</Amt>"));
    EXPECT_THAT(statement_mt940(statement).value(), HasSubstr(std::string("1106") + comma + "N"));
  }
}

TEST(Statement, NamesAreMaskedInBothScripts) {
  EXPECT_EQ(masked_name("Amal Hassan"), "A*** H***");
  EXPECT_EQ(masked_name("أمل حسن"), "أ*** ح***");
  EXPECT_EQ(masked_name("amal"), "a***");
}

TEST(Statement, TheTokenIsSignedUnderATypeOfItsOwn) {
  using auth::SigningKeys;
  const auto keys =
      SigningKeys::from_pem(SigningKeys::generate_pem(auth::Algorithm::es256), auth::kReceiptKeys)
          .value();
  const Statement statement = paid_and_received();
  const std::string csv = statement_csv(statement);
  std::string token = statement_token(statement, csv, keys);
  EXPECT_FALSE(auth::parse_jws(token, "receipt+jwt", 4096));
  const auto jws = auth::parse_jws(token, "statement+jwt", 4096);
  ASSERT_TRUE(jws);
  EXPECT_TRUE(auth::verify_jws(*jws, keys.public_keys()));
  const Hash256 hash = sha256(csv);
  EXPECT_EQ(jws->payload,
            R"({"iss":"instapay","iat":1796106600,"version":1,"holder":"A*** H***",)"
            R"("start":"2026-11-01","end":"2026-11-30","tz":"Africa/Cairo","currency":"EGP",)"
            R"("opening":"1000.00","closing":"987.75","entries":2,"sha256":")" +
                auth::base64url_encode(
                    std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())) +
                R"("})");
  // One letter of the payload.
  const std::size_t middle = token.find('.') + 20;
  token[middle] = token[middle] == 'A' ? 'B' : 'A';
  const auto forged = auth::parse_jws(token, "statement+jwt", 4096);
  EXPECT_FALSE(forged && auth::verify_jws(*forged, keys.public_keys()));
}

TEST(Statement, PaperHoldsItsFilesAndItsPages) {
  Statement statement = november();
  for (int i = 0; i < 100; ++i) add(statement, i % 2 == 0 ? 7 : -7, "كريم", std::string(140, 'W'));
  for (const std::string_view language : {"en", "ar"}) {
    const auto pdf = statement_pdf(statement, {language, statement_csv(statement), "a.b.c",
                                               "https://pay.example/verify#a.b.c"});
    ASSERT_TRUE(pdf) << pdf.error();
    EXPECT_TRUE(pdf->starts_with("%PDF-1."));
    // Not compressed. (A matcher would print the file.)
    EXPECT_TRUE(pdf->contains("\nstream\n" + statement_csv(statement)));
    EXPECT_TRUE(pdf->contains("\nstream\na.b.c"));
    EXPECT_TRUE(pdf->contains("/Count 11 /Kids"));
  }
  // Longer than any QR code.
  EXPECT_FALSE(statement_pdf(statement, {"en", "", "", std::string(3'000, 'x')}));
}

}  // namespace
}  // namespace instapay::documents
