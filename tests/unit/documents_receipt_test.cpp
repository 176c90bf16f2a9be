#include <gtest/gtest.h>

#include "auth/jws.h"
#include "core/time.h"
#include "documents/receipt_pdf.h"

namespace instapay::documents {
namespace {

PrintedReceipt lunch() {
  PrintedReceipt printed;
  printed.currency = Currency::find("KWD").value();
  printed.payment = Uuid::parse("0193a001-0000-7000-8000-0000000000ff").value();
  printed.amount_minor = 12'345;
  const std::int64_t paid_us = parse_time("2026-11-05T22:30:00.000001Z").value();
  printed.paid = {paid_us, paid_us + 7'200 * kSecond_us};
  printed.tz = "Africa/Cairo";
  printed.kind = "transfer";
  printed.payer = "Amal Hassan";
  printed.note = std::string(140, 'W');
  printed.receipt = "a.b.c";
  return printed;
}

TEST(PrintedReceipt, TheTokenSaysWhatIsPrinted) {
  using auth::SigningKeys;
  const auto keys =
      SigningKeys::from_pem(SigningKeys::generate_pem(auth::Algorithm::es256), auth::kReceiptKeys)
          .value();
  const std::string token = receipt_token(lunch(), 1'796'106'600, keys);
  EXPECT_FALSE(auth::parse_jws(token, "receipt+jwt", 4096));
  const auto jws = auth::parse_jws(token, "payment+jwt", 4096);
  ASSERT_TRUE(jws);
  EXPECT_TRUE(auth::verify_jws(*jws, keys.public_keys()));
  EXPECT_EQ(jws->payload,
            R"({"iss":"instapay","iat":1796106600,"version":1,)"
            R"("id":"0193a001-0000-7000-8000-0000000000ff","amount":"12.345","currency":"KWD",)"
            R"("kind":"transfer","payer":"A*** H***","payee":"M***",)"
            R"("createdAt":"2026-11-05T22:30:00.000001Z"})");
}

TEST(PrintedReceipt, PaperHoldsTheReceipt) {
  for (const std::string_view language : {"en", "ar"}) {
    const auto pdf = receipt_pdf(lunch(), language, "https://pay.example/verify#a.b.c");
    ASSERT_TRUE(pdf) << pdf.error();
    EXPECT_TRUE(pdf->contains("\nstream\na.b.c"));
    EXPECT_TRUE(pdf->contains("/Count 1 /Kids"));
  }
  EXPECT_FALSE(receipt_pdf(lunch(), "en", std::string(3'000, 'x')));
}

}  // namespace
}  // namespace instapay::documents
