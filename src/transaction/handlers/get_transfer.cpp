#include "core/time.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"

namespace instapay::transaction {

net::Reply get_transfer(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto rows = co_await service.db.query(
      queries::transaction::find_entry, pg::Params().add(request.principal->user_id).add(*id));
  if (rows && rows->empty() && request.principal->is_staff())
    rows = co_await service.db.query(
        queries::transaction::find_transfer,
        pg::Params().add(*id).add_time(id->unix_ms() * 1000));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  // Somebody else's is as good as none.
  if (rows->empty()) co_return fail(Code::transaction_not_found, "There is no such transaction.");

  const std::int64_t signed_amount = rows->int64(0, 3);
  const bool sent = signed_amount < 0;
  ledger::Transfer transfer;
  transfer.id = rows->uuid(0, 0);
  transfer.payer = rows->uuid(0, sent ? 1 : 2);
  transfer.payee = rows->uuid(0, sent ? 2 : 1);
  transfer.amount_minor = sent ? -signed_amount : signed_amount;
  transfer.kind = static_cast<ledger::TransferKind>(rows->int64(0, 4));
  transfer.note = rows->text(0, 5);
  transfer.created_us = rows->time_us(0, 6);
  transfer.refund_of = rows->uuid(0, 7);

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_transaction(json, transfer, service.config.currency);
  const int payer = sent ? 8 : 10, payee = sent ? 10 : 8;
  json.key("sender");
  write_public_user(json, transfer.payer, rows->text(0, payer), rows->text(0, payer + 1));
  json.key("receiver");
  write_public_user(json, transfer.payee, rows->text(0, payee), rows->text(0, payee + 1));
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
