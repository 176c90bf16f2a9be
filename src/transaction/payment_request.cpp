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

Result<std::optional<Hash128>> idempotency_key(const net::Request& request) {
  const std::size_t count = request.count_header("Idempotency-Key");
  if (count == 0) return std::nullopt;
  if (count > 1) return fail(Code::idempotency_key_invalid, "Send one Idempotency-Key.");
  const std::string_view key = request.header("Idempotency-Key");
  const bool visible = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > kIdempotencyKeyMax_bytes || !visible)
    return fail(Code::idempotency_key_invalid,
                "Idempotency-Key must be 1 to 255 visible ASCII characters.");
  return sha256_half(key);
}

Task<Result<ledger::Order>> resolve(Service& service, const net::Principal& principal,
                                    PaymentRequest payment) {
  if (!payment.sender_email.empty()) {
    auto sender = co_await service.payees.by_email(payment.sender_email);
    if (!sender) co_return fail(std::move(sender.error()));
    // The same answer for somebody else's address and for one that nobody has.
    if (*sender != principal.user_id)
      co_return fail(Code::not_the_sender, "sender_email is not your address.");
  }
  auto receiver = payment.receiver_email.empty()
                      ? co_await service.payees.by_username(payment.receiver_username)
                      : co_await service.payees.by_email(payment.receiver_email);
  if (!receiver) co_return fail(std::move(receiver.error()));
  if (!*receiver)
    co_return fail(Code::payee_not_found, payment.receiver_email.empty()
                                              ? "Nobody has this username."
                                              : "Nobody here has this e-mail address.");
  if (**receiver == principal.user_id)
    co_return fail(Code::self_transfer, "You cannot send money to yourself.");

  ledger::Order order;
  order.payer = principal.user_id;
  order.payee = **receiver;
  order.amount_minor = payment.amount_minor;
  order.note = std::move(payment.note);
  order.request_hash = request_hash(order);
  co_return order;
}

Hash128 request_hash(const ledger::Order& order) {
  std::string input(order.payee.bytes.begin(), order.payee.bytes.end());
  input += std::to_string(order.amount_minor) + ':' + std::to_string(static_cast<int>(order.kind));
  input.append(order.refund_of.bytes.begin(), order.refund_of.bytes.end());
  input += ':' + order.note;
  return sha256_half(input);
}

}  // namespace instapay::transaction
