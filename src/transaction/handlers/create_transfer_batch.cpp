#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "net/middleware.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"
#include "transaction/submit_payment.h"

namespace instapay::transaction {
namespace {

struct BatchRequest {
  std::vector<PaymentRequest> payments;
  bool atomic = false;
};
using Results = std::vector<Result<ledger::Transfer>>;

Result<BatchRequest> read_batch(const Json& body, Currency currency) {
  Fields fields(body);
  BatchRequest batch;
  batch.atomic = fields.flag("atomic", false);
  const Json* transfers = fields.array("transfers", 1, kTransfersPerRequestMax);
  FieldErrors errors;
  fields.finish_into(errors);
  for (std::size_t i = 0; transfers != nullptr && i < transfers->items.size(); ++i) {
    Fields item(transfers->items[i], fmt::format("transfers[{}].", i));
    batch.payments.push_back(read_payment(item, currency, false));
    item.finish_into(errors);
  }
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return batch;
}

HashInput canonical_batch(const net::Request& request, const BatchRequest& batch) {
  HashInput canonical = net::canonical_request(request);
  canonical.number(batch.atomic ? 1 : 0, 1).number(batch.payments.size(), 8);
  for (const PaymentRequest& payment : batch.payments) add_payment(canonical, payment);
  return canonical;
}

// What happened to the whole request at once, not to an item of it.
bool is_of_request(Code code) {
  return info(code).status >= 500 || code == Code::idempotency_key_reused ||
         code == Code::step_up_required || code == Code::pin_limit ||
         code == Code::step_up_impossible || code == Code::allowance_exceeded;
}

Error batch_rejected(const Results& results) {
  Error error{Code::batch_rejected, "Nothing was transferred."};
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] || results[i].error().code == Code::batch_rejected) continue;
    const Error& why = results[i].error();
    error.fields.push_back(
        {fmt::format("transfers[{}]", i), std::string(info(why.code).name), why.detail});
  }
  return error;
}

// What the sender had after the last of them; when there was none, what they have.
Task<Result<std::int64_t>> balance_after(Service& service, const Uuid& sender,
                                         const Results& results) {
  const auto completed = [](const auto& result) { return result.has_value(); };
  const auto last = std::ranges::find_if(results.rbegin(), results.rend(), completed);
  if (last != results.rend()) co_return (*last)->payer_side.balance.minor;
  auto account =
      co_await service.db.query(queries::transaction::find_account, pg::Params().add(sender));
  if (!account) co_return fail(pg::to_error(account.error()));
  co_return account->empty() ? 0 : account->int64(0, 0);
}

void write_results(JsonWriter& json, const Results& results, Currency currency) {
  json.key("results").begin_array();
  for (std::size_t i = 0; i < results.size(); ++i) {
    json.begin_object().field("index", static_cast<std::int64_t>(i));
    json.field("status", results[i] ? "completed" : "rejected");
    if (results[i]) {
      json.key("transaction").begin_object();
      write_transaction(json, *results[i], currency);
      json.end_object();
    } else {
      const Error& error = results[i].error();
      json.key("error").begin_object().field("code", info(error.code).name);
      json.field("detail", error.detail);
      net::write_bounds(json, error);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
  const auto completed =
      std::ranges::count_if(results, [](const auto& r) { return r.has_value(); });
  json.field("completed", std::int64_t{completed});
  json.field("rejected", static_cast<std::int64_t>(results.size()) - completed);
}

}  // namespace

net::Reply create_transfer_batch(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  auto batch = read_batch(*body, currency);
  if (!batch) co_return fail(std::move(batch.error()));
  // A request of many counts as many.
  if (auto charged = net::charge(request, batch->payments.size() - 1); !charged)
    co_return fail(std::move(charged.error()));
  auto orders = co_await resolve(service, *request.principal, batch->payments);
  if (!orders) co_return fail(std::move(orders.error()));

  auto submission = std::make_unique<ledger::Submission>();
  submission->orders = std::move(*orders);
  submission->atomic = batch->atomic;
  submission->span = request.server_span;
  submission->key = ledger::request_key(request.principal->identity(), *key,
                                        net::request_hash(canonical_batch(request, *batch)));
  auto submitted = co_await submit_payments(service, *request.principal, std::move(submission));
  if (!submitted) co_return fail(std::move(submitted.error()));
  ledger::Outcomes& outcomes = *submitted;
  Results results;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i]) {
      results.emplace_back(std::move(*outcomes[i]));
      continue;
    }
    Error error = explain(outcomes[i].error(), batch->payments[i], currency);
    if (is_of_request(error.code)) co_return fail(std::move(error));
    if (error.code == Code::receiver_unavailable) forget_receiver(service, batch->payments[i]);
    results.push_back(fail(std::move(error)));
  }
  const auto completed = [](const auto& result) { return result.has_value(); };
  if (batch->atomic && !std::ranges::all_of(results, completed))
    co_return fail(batch_rejected(results));

  auto balance = co_await balance_after(service, request.principal->user_id, results);
  if (!balance) co_return fail(std::move(balance.error()));
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_results(json, results, currency);
  json.key("balance").amount(*balance, currency).end_object();
  const auto replayed = [](const auto& result) { return result && result->replayed; };
  if (std::ranges::any_of(results, replayed)) response.header("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace instapay::transaction
