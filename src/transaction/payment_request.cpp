#include "transaction/payment_request.h"

#include <algorithm>

#include "core/limits.h"

namespace instapay::transaction {
namespace {

constexpr TextRule kEmailRule{.max_chars = 254};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

// An address that was found to be somebody else's may be the caller's since.
void forget_senders(Service& service, const std::vector<PaymentRequest>& payments) {
  for (const PaymentRequest& payment : payments)
    if (!payment.sender_email.empty()) service.payees.forget(payment.sender_email);
}

}  // namespace

PaymentRequest read_payment(Fields& fields, Currency currency, bool sender_required) {
  PaymentRequest payment;
  payment.sender_email = sender_required
                             ? fields.text("sender_email", kEmailRule)
                             : fields.optional_text("sender_email", kEmailRule).value_or("");
  const bool by_username = fields.has("receiver_username") && !fields.has("receiver_email");
  if (by_username) {
    payment.receiver_username = lower(fields.text("receiver_username", {.max_chars = 32}));
  } else {
    payment.receiver_email = lower(fields.text("receiver_email", kEmailRule));
  }
  payment.sender_email = lower(std::move(payment.sender_email));
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
    const bool by_email = !payment.receiver_email.empty();
    names.push_back({by_email ? payment.receiver_email : payment.receiver_username, by_email});
    if (!payment.sender_email.empty()) names.push_back({payment.sender_email, true});
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

void forget_receiver(Service& service, const PaymentRequest& payment) {
  if (!payment.receiver_email.empty()) service.payees.forget(payment.receiver_email);
}

void add_payment(HashInput& canonical, const PaymentRequest& payment) {
  canonical.text(payment.sender_email).text(payment.receiver_email).text(payment.receiver_username);
  canonical.number(static_cast<std::uint64_t>(payment.amount_minor), 8).text(payment.note);
}

Error explain(const ledger::Refusal& refusal, const PaymentRequest& payment, Currency currency) {
  Error error = ledger::to_error(refusal, currency);
  if (refusal.code == Code::payee_not_found)
    error.detail = payment.receiver_email.empty() ? "Nobody has this username."
                                                  : "Nobody here has this e-mail address.";
  if (refusal.code == Code::self_transfer) error.detail = "You cannot send money to yourself.";
  return error;
}

}  // namespace instapay::transaction
