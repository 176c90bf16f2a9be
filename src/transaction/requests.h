#pragma once
// Payment requests as handlers share them: reading one, showing one, and saying why not.
#include "core/fields.h"
#include "core/json.h"
#include "ledger/domain/payable.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// What a request has come to, as clients are told it: that of the ledger, or expired.
enum class RequestState : std::int16_t {
  open = 0,
  paid = 1,
  partly_paid = 2,
  declined = 3,
  cancelled = 4,
  expired = 5,
};
std::string_view name_of(RequestState state);
std::optional<RequestState> parse_request_state(std::string_view name);

struct Person {
  Uuid id;
  std::string username, display_name;
};

/// A row of payment_request_details.
struct AskedPayment {
  Uuid id;
  Person payee;
  std::optional<Person> payer;  // nullopt: whoever has the link
  std::optional<std::int64_t> amount_minor;
  std::string note;
  RequestState state = RequestState::open;
  std::int64_t created_us = 0;
  std::optional<std::int64_t> expires_us, paid_us, closed_us, reminded_us;
  std::string decline_reason;
  std::optional<Uuid> transfer_id;
  std::int64_t refunded_minor = 0;
  std::string code;
  std::optional<Uuid> split_id;

  /// As it was when it was made, whatever has become of it.
  void make_new();
  bool is_once() const { return ledger::is_paid_once(id); }
  bool is_payee(const Uuid& user) const { return payee.id == user; }
  bool is_payer(const Uuid& user) const { return payer && payer->id == user; }
};
AskedPayment read_request(const pg::Rows& rows, int row);

/// Error: request_not_found, and of the database.
Task<Result<AskedPayment>> find_request(Service& service, Uuid id);
/// By the code of its link. Error: request_not_found.
Task<Result<AskedPayment>> find_request_of_code(Service& service, const std::string& code);
/// The same where it is none of the caller's business: who asks, who is asked, anybody where it is
/// a link's, and staff may see it.
Task<Result<AskedPayment>> find_visible_request(Service& service, const net::Principal& principal,
                                                Uuid id);

/// The members of a PaymentRequest as `viewer` sees it: what has become of it is its two sides' and
/// staff's to know, the link is the payee's. The caller opens and closes the object.
void write_request(JsonWriter& json, const AskedPayment& asked, const net::Principal& viewer,
                   Currency currency);
net::Response request_answer(int status, const AskedPayment& asked, const net::Principal& viewer,
                             Currency currency);

/// Cancels or declines: runs a statement that closes the request as `closed` while it is open, and
/// returns it as it is then; doing it again changes nothing. Only who `may` close it does. Errors:
/// request_not_found, forbidden, and why it can no longer be closed.
Task<Result<AskedPayment>> close_request(Service& service, const net::Principal& principal, Uuid id,
                                         pg::Statement statement, pg::Params params,
                                         RequestState closed,
                                         bool (AskedPayment::*may)(const Uuid&) const);

/// Takes expiresAt; mistakes stay in `fields`.
std::optional<std::int64_t> read_request_expiry(Fields& fields);
/// Why the database refused new requests.
Error explain_new_request(const pg::Failure& failure);

/// Why nothing can be done with the request any more; nullopt while it is open or partly paid.
std::optional<Error> explain_end(RequestState state);

}  // namespace instapay::transaction
