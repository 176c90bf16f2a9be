#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

// An item that got as far as an order, or why it did not.
using Item = Result<ledger::Order>;

struct BatchRequest {
  std::vector<PaymentRequest> payments;
  bool atomic = false;
};

Result<BatchRequest> read_batch(const Json& body, Currency currency) {
  Fields fields(body);
  BatchRequest batch;
  batch.atomic = fields.flag("atomic", false);
  const Json* transfers = fields.array("transfers", 1, kTransfersPerRequestMax);
  std::vector<FieldError> errors;
  fields.finish_into(errors);
  for (std::size_t i = 0; transfers != nullptr && i < transfers->items.size(); ++i) {
    Fields item(transfers->items[i], fmt::format("transfers[{}].", i));
    batch.payments.push_back(read_payment(item, currency, false));
    item.finish_into(errors);
  }
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return batch;
}

// Each item has a key of its own, made of the request's: a retry finds every one again.
Hash128 item_key(const Hash128& key, std::size_t index) {
  return sha256_half(std::string(key.begin(), key.end()) + std::to_string(index));
}

Error batch_rejected(const std::vector<Item>& items,
                     const std::vector<Result<ledger::Transfer>>& results) {
  Error error{Code::batch_rejected, "Nothing was transferred."};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Error* why = !items[i] ? &items[i].error() : !results[i] ? &results[i].error() : nullptr;
    if (why == nullptr || why->code == Code::batch_rejected) continue;
    error.fields.push_back(
        {fmt::format("transfers[{}]", i), std::string(info(why->code).name), why->detail});
  }
  return error;
}

Hash128 batch_hash(bool atomic, const std::vector<Item>& items) {
  std::string all = atomic ? "atomic" : "each";
  for (const Item& item : items) {
    const Hash128 hash = item ? item->request_hash : Hash128{};
    all.append(hash.begin(), hash.end());
  }
  return sha256_half(all);
}

// What happened to the whole request at once, not to an item of it.
bool is_of_request(Code code) {
  return info(code).status >= 500 || code == Code::idempotency_key_reused;
}

// The sender's balance. Only a request that may be repeated safely asks the database again: what
// was just paid without a key must not be answered as if it had not happened.
Task<Result<std::int64_t>> balance_after(Service& service, const Uuid& sender,
                                         const std::vector<Result<ledger::Transfer>>& results) {
  const auto completed = [](const auto& result) { return result.has_value(); };
  const auto replayed = [](const auto& result) { return result && result->replayed; };
  const auto last = std::ranges::find_if(results.rbegin(), results.rend(), completed);
  // A replayed transfer knows only what the balance was then.
  if (last != results.rend() && std::ranges::none_of(results, replayed))
    co_return (*last)->payer_balance_minor;
  auto account =
      co_await service.db.query(queries::transaction::find_account, pg::Params().add(sender));
  if (!account) co_return fail(pg::to_error(account.error()));
  co_return account->empty() ? 0 : account->int64(0, 0);
}

}  // namespace

net::Reply create_transfer_batch(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  auto batch = read_batch(*body, currency);
  if (!batch) co_return fail(std::move(batch.error()));

  auto submission = std::make_unique<ledger::Submission>();
  submission->atomic = batch->atomic;
  std::vector<Item> items;
  for (std::size_t i = 0; i < batch->payments.size(); ++i) {
    Item item = co_await resolve(service, *request.principal, std::move(batch->payments[i]));
    if (!item && is_of_request(item.error().code)) co_return fail(std::move(item.error()));
    if (!item && batch->atomic) {
      std::vector<Result<ledger::Transfer>> none(i + 1);
      items.push_back(std::move(item));
      co_return fail(batch_rejected(items, none));
    }
    if (item) {
      if (*key) item->key = item_key(**key, i);
      submission->orders.push_back(*item);
    }
    items.push_back(std::move(item));
  }

  // Every item stands for the whole request: another batch under the key is another request.
  if (*key) {
    const Hash128 hash = batch_hash(batch->atomic, items);
    for (auto& order : submission->orders) order.request_hash = hash;
  }

  ledger::Outcomes outcomes;
  if (!submission->orders.empty()) outcomes = co_await service.ledger.submit(std::move(submission));
  std::vector<Result<ledger::Transfer>> results;
  auto next = outcomes.begin();
  for (const Item& item : items) {
    if (!item) {
      results.push_back(fail(item.error()));
      continue;
    }
    if (*next) {
      results.push_back(std::move(**next));
    } else {
      results.push_back(fail(ledger::to_error(next->error(), currency)));
    }
    ++next;
  }
  for (const auto& result : results)
    if (!result && is_of_request(result.error().code)) co_return fail(result.error());

  std::size_t completed = 0, replayed = 0;
  for (const auto& result : results)
    if (result) {
      ++completed;
      replayed += result->replayed ? 1 : 0;
    }
  if (batch->atomic && completed < results.size()) co_return fail(batch_rejected(items, results));

  auto balance = co_await balance_after(service, request.principal->user_id, results);
  if (!balance) co_return fail(std::move(balance.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("results").begin_array();
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
  json.field("completed", static_cast<std::int64_t>(completed));
  json.field("rejected", static_cast<std::int64_t>(results.size() - completed));
  json.key("balance").amount(*balance, currency);
  json.end_object();
  if (replayed > 0) response.header("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace instapay::transaction
