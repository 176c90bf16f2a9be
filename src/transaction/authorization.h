#pragma once
// The payer's own proof of a payment: a passkey's assertion (WebAuthn Level 2, §7.2) whose
// challenge is the hash of the payment, so that it shows which payment its holder has approved
// (dynamic linking, RTS of PSD2, Article 5). The chain covers its hash, and receipts carry it.
// Pure.
#include <expected>
#include <span>
#include <string>

#include "auth/webauthn.h"
#include "core/json.h"
#include "core/money.h"
#include "ledger/domain/transfer.h"

namespace instapay::transaction {

/// What an authenticator is asked to sign: who pays whom how much, for what, under which key.
Hash256 payment_challenge(const ledger::AccountId& payer, const ledger::AccountId& payee,
                          ledger::Amount amount, Currency currency, std::string_view note,
                          const Uuid& reference, const Hash128& idempotency_key);

/// Of all parts together, so that a receipt holds them.
inline constexpr std::size_t kAuthorizationMax_bytes = 4096;

/// All but the domain are bytes.
struct PaymentAuthorization {
  std::string relying_party;
  std::string credential_id, public_key;  // COSE_Key
  std::string client_data, authenticator_data, signature;

  /// As authorization_hash() of the database has it.
  Hash256 hash() const;
  std::size_t size_bytes() const;
};

/// Of what a browser has answered for a key that is known.
PaymentAuthorization authorization_from(const auth::AssertionAnswer& answer,
                                        const std::string& relying_party,
                                        std::span<const std::uint8_t> public_key);
/// Of a row with all of it.
PaymentAuthorization read_authorization(const auto& row) {
  const auto bytes = [](std::span<const std::uint8_t> value) {
    return std::string(value.begin(), value.end());
  };
  return {.relying_party = std::string(row.relying_party),
          .credential_id = bytes(row.credential_id),
          .public_key = bytes(row.public_key),
          .client_data = bytes(row.client_data),
          .authenticator_data = bytes(row.authenticator_data),
          .signature = bytes(row.signature)};
}
/// Its members, as receipts and the export have them. The caller opens and closes the object.
void write_authorization(JsonWriter& json, const PaymentAuthorization& authorization);

/// Whether the key has signed this challenge, its holder verified, on a page of the domain's own;
/// where that page was.
std::expected<std::string, auth::WebauthnProblem> verify_authorization(
    const PaymentAuthorization& authorization, const Hash256& challenge);

}  // namespace instapay::transaction
