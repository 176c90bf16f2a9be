#include "transaction/payment_request.h"

#include "core/email.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/time.h"
#include "queries.h"

namespace instapay::transaction {
namespace {

constexpr TextRule kEmailRule{.max_chars = kEmailMax_bytes};

// An address that was found to be somebody else's may be the caller's since.
void forget_senders(Service& service, const std::vector<PaymentRequest>& payments) {
  for (const PaymentRequest& payment : payments)
    if (!payment.sender_email.empty()) service.payees.forget(payment.sender_email);
}

// The first of the ways that is there; the others may not be there then.
void read_receiver(Fields& fields, PaymentRequest& payment) {
  constexpr std::string_view kOneWay =
      "Name the receiver in one way: receiver_id, receiver_email or receiver_username.";
  const bool has_id = fields.has("receiver_id");
  if (has_id) fields.refuse("receiver_email", "unknown_field", std::string(kOneWay));
  if (has_id || fields.has("receiver_email"))
    fields.refuse("receiver_username", "unknown_field", std::string(kOneWay));
  if (has_id) {
    const std::string text = fields.text("receiver_id", {.max_chars = 36});
    payment.receiver_id = Uuid::parse(text);
    if (!payment.receiver_id && !fields.has_error("receiver_id"))
      fields.add_error("receiver_id", "invalid_format", "receiver_id must be the id of a user.");
  } else if (fields.has("receiver_username") && !fields.has("receiver_email")) {
    payment.receiver_username =
        PayeeDirectory::Name::of_username(fields.text("receiver_username", {.max_chars = 32})).text;
  } else {
    payment.receiver_email =
        PayeeDirectory::Name::of_email(fields.text("receiver_email", kEmailRule)).text;
  }
}

PayeeDirectory::Name name_of_receiver(const PaymentRequest& payment) {
  using Name = PayeeDirectory::Name;
  if (payment.receiver_id) return Name::of_id(*payment.receiver_id);
  if (!payment.receiver_email.empty()) return Name::of_email(payment.receiver_email);
  return Name::of_username(payment.receiver_username);
}

}  // namespace

PaymentRequest read_payment(Fields& fields, Currency currency, bool sender_required) {
  PaymentRequest payment;
  payment.sender_email = sender_required
                             ? fields.text("sender_email", kEmailRule)
                             : fields.optional_text("sender_email", kEmailRule).value_or("");
  payment.sender_email = PayeeDirectory::Name::of_email(payment.sender_email).text;
  read_receiver(fields, payment);
  payment.amount_minor = fields.amount("amount", currency);
  payment.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  return payment;
}

namespace {

Task<Result<std::vector<ledger::Order>>> resolve_once(Service& service,
                                                      const net::Principal& principal,
                                                      const std::vector<PaymentRequest>& payments) {
  std::vector<PayeeDirectory::Name> names;
  for (const PaymentRequest& payment : payments) {
    names.push_back(name_of_receiver(payment));
    if (!payment.sender_email.empty())
      names.push_back(PayeeDirectory::Name::of_email(payment.sender_email));
  }
  const auto found = co_await service.payees.find(names);
  if (!found) co_return fail(found.error());

  std::vector<ledger::Order> orders;
  orders.reserve(payments.size());
  auto next = found->begin();
  for (const PaymentRequest& payment : payments) {
    const std::optional<Uuid> receiver = *next++;
    // The same answer for somebody else's address and for one that nobody has.
    if (!payment.sender_email.empty() && *next++ != principal.user_id)
      co_return fail(Code::not_the_sender, "sender_email is not your address.");
    ledger::Order& order = orders.emplace_back();
    order.payer = {principal.user_id};
    order.payee = {receiver.value_or(Uuid{})};
    order.amount = {payment.amount_minor};
    order.note = payment.note;
    if (!receiver) order.refused = Code::payee_not_found;
    if (receiver == principal.user_id) order.refused = Code::self_transfer;
  }
  co_return orders;
}

}  // namespace

Task<Result<std::vector<ledger::Order>>> resolve(Service& service, const net::Principal& principal,
                                                 const std::vector<PaymentRequest>& payments) {
  auto orders = co_await resolve_once(service, principal, payments);
  if (orders || orders.error().code != Code::not_the_sender) co_return orders;
  forget_senders(service, payments);
  co_return co_await resolve_once(service, principal, payments);
}

Task<Result<bool>> has_new_payee(Service& service, const Uuid& payer,
                                 const std::vector<ledger::Order>& orders) {
  std::vector<Uuid> payees;
  for (const ledger::Order& order : orders)
    if (!order.refused) payees.push_back(order.payee.uuid);
  pg::Params params;
  params.add(payer).add_array(payees);
  const auto rows =
      co_await service.db.query(queries::transaction::count_new_payees, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return rows->int64(0, 0) > 0;
}

namespace {

// Amounts are at most kAmountMax_minor and orders kTransfersPerRequestMax: the sum may not fit.
// What is refused already moves nothing.
bool is_above(const std::vector<ledger::Order>& orders, std::int64_t limit_minor) {
  std::int64_t left = limit_minor;
  for (const ledger::Order& order : orders) {
    if (order.refused) continue;
    if (order.amount.minor > left) return true;
    left -= order.amount.minor;
  }
  return false;
}

}  // namespace

Task<Result<void>> ask_for_factor(Service& service, const net::Principal& principal,
                                  std::vector<ledger::Order>& orders) {
  const FactorState& factors = principal.factors;
  if (!factors.needs_proof(now_us() / kSecond_us)) co_return Result<void>();
  bool needed = factors.step_up_above_minor && is_above(orders, *factors.step_up_above_minor);
  if (!needed && factors.step_up_new_payees) {
    const auto found = co_await has_new_payee(service, principal.user_id, orders);
    if (!found) co_return fail(found.error());
    needed = *found;
  }
  if (!needed) co_return Result<void>();
  for (ledger::Order& order : orders)
    if (!order.refused) order.refused = Code::step_up_required;
  co_return Result<void>();
}

void forget_receiver(Service& service, const PaymentRequest& payment) {
  if (!payment.receiver_email.empty()) service.payees.forget(payment.receiver_email);
}

void add_payment(HashInput& canonical, const PaymentRequest& payment) {
  canonical.text(payment.sender_email).text(payment.receiver_email);
  // No username has a colon: the two are told apart, and what was sent before there were ids stays
  // the same.
  canonical.text(payment.receiver_id ? "id:" + payment.receiver_id->to_string()
                                     : payment.receiver_username);
  canonical.number(static_cast<std::uint64_t>(payment.amount_minor), 8).text(payment.note);
}

Error explain(const ledger::Refusal& refusal, const PaymentRequest& payment, Currency currency) {
  Error error = ledger::to_error(refusal, currency);
  if (refusal.code == Code::payee_not_found)
    error.detail = payment.receiver_id              ? "There is no user with this id."
                   : payment.receiver_email.empty() ? "Nobody has this username."
                                                    : "Nobody here has this e-mail address.";
  if (refusal.code == Code::self_transfer) error.detail = "You cannot send money to yourself.";
  return error;
}

}  // namespace instapay::transaction
