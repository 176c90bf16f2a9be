#include "transaction/authorization.h"

#include "auth/authenticator_data.h"
#include "auth/base64url.h"
#include "auth/openssl.h"
#include "ledger/proof/hashing.h"

namespace instapay::transaction {

using auth::WebauthnProblem;

namespace {

// Browsers show a passkey on pages of its domain and of those below it.
bool is_page_of(std::string_view domain, std::string_view origin) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (origin.starts_with(scheme)) {
      std::string_view host = origin.substr(scheme.size());
      host = host.substr(0, host.find(':'));
      return host == domain ||
             (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
    }
  return false;
}

}  // namespace

Hash256 payment_challenge(const ledger::AccountId& payer, const ledger::AccountId& payee,
                          ledger::Amount amount, Currency currency, std::string_view note,
                          const Uuid& reference, const Hash128& idempotency_key) {
  return ledger::begin_hash(ledger::HashPrefix::payment)
      .bytes(payer.uuid.bytes)
      .bytes(payee.uuid.bytes)
      .number(static_cast<std::uint64_t>(amount.minor), 8)
      .text(currency.code)
      .text(note)
      .bytes(reference.bytes)
      .bytes(idempotency_key)
      .hash();
}

Hash256 PaymentAuthorization::hash() const {
  return ledger::begin_hash(ledger::HashPrefix::authorization)
      .text(relying_party)
      .text(credential_id)
      .text(public_key)
      .text(client_data)
      .text(authenticator_data)
      .text(signature)
      .hash();
}

std::size_t PaymentAuthorization::size_bytes() const {
  return relying_party.size() + credential_id.size() + public_key.size() + client_data.size() +
         authenticator_data.size() + signature.size();
}

PaymentAuthorization authorization_from(const auth::AssertionAnswer& answer,
                                        const std::string& relying_party,
                                        std::span<const std::uint8_t> public_key) {
  return {.relying_party = relying_party,
          .credential_id = answer.id,
          .public_key = {public_key.begin(), public_key.end()},
          .client_data = answer.client_data,
          .authenticator_data = answer.authenticator_data,
          .signature = answer.signature};
}

void write_authorization(JsonWriter& json, const PaymentAuthorization& authorization) {
  json.field("relyingParty", authorization.relying_party);
  json.field("credentialId", auth::base64url_encode(authorization.credential_id));
  json.field("publicKey", auth::base64url_encode(authorization.public_key));
  json.field("clientDataJSON", auth::base64url_encode(authorization.client_data));
  json.field("authenticatorData", auth::base64url_encode(authorization.authenticator_data));
  json.field("signature", auth::base64url_encode(authorization.signature));
}

std::expected<std::string, WebauthnProblem> verify_authorization(
    const PaymentAuthorization& authorization, const Hash256& challenge) {
  const auto client = parse_json(authorization.client_data);
  const Json* origin = client ? client->find("origin") : nullptr;
  if (origin == nullptr) return std::unexpected(WebauthnProblem::client_data);
  if (!is_page_of(authorization.relying_party, origin->text))
    return std::unexpected(WebauthnProblem::origin);
  const auth::RelyingParty party{authorization.relying_party, {origin->text}};
  const auto signed_for =
      auth::read_client_data(authorization.client_data, auth::Ceremony::assertion, party);
  if (!signed_for) return std::unexpected(signed_for.error());
  if (*signed_for != std::string(challenge.begin(), challenge.end()))
    return std::unexpected(WebauthnProblem::client_data);
  const auto data =
      auth::AuthenticatorData::parse(auth::bytes_of(authorization.authenticator_data));
  if (!data) return std::unexpected(WebauthnProblem::authenticator);
  const auth::AssertionAnswer answer{.id = authorization.credential_id,
                                     .client_data = authorization.client_data,
                                     .authenticator_data = authorization.authenticator_data,
                                     .signature = authorization.signature,
                                     .user_handle = {}};
  const auto assertion = auth::check_assertion(
      answer, party, auth::bytes_of(authorization.public_key), data->backup_eligible);
  if (!assertion) return std::unexpected(assertion.error());
  return origin->text;
}

}  // namespace instapay::transaction
