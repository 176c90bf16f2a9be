#pragma once
// The receipt of a payment on paper: its facts, a QR code with their signed summary, and the signed
// receipt attached.
#include <expected>
#include <string>
#include <string_view>

#include "auth/signing_key.h"
#include "core/money.h"
#include "core/uuid.h"
#include "documents/times.h"

namespace instapay::documents {

struct PrintedReceipt {
  Currency currency;
  Uuid payment;
  std::int64_t amount_minor = 0;
  ZonedTime paid;
  std::string tz;
  std::string_view kind;              // as on the wire
  std::string payer, payee;           // names; empty: the platform itself
  std::string note;                   // may be empty
  std::string refund_of;              // a payment's id; empty: of none
  std::int64_t chain = 0, batch = 0;  // where it stands
  std::string receipt;                // the signed receipt, a JWS
};

/// What the QR carries: the whole receipt is too long for one.
std::string receipt_token(const PrintedReceipt& printed, std::int64_t issued_at_s,
                          const auth::SigningKeys& keys);

/// `verify_url`: where the QR leads, with the token. The error is for the log.
std::expected<std::string, std::string> receipt_pdf(const PrintedReceipt& printed,
                                                    std::string_view language,
                                                    std::string_view verify_url);

}  // namespace instapay::documents
