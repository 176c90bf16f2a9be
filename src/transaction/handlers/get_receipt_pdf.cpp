#include <fmt/format.h>

#include "documents/receipt_pdf.h"
#include "net/page.h"
#include "queries/transaction.h"
#include "telemetry/log.h"
#include "transaction/handlers/handlers.h"
#include "transaction/prove.h"

namespace instapay::transaction {
namespace {

using documents::PrintedReceipt;

// Of what the prover may do at once: a page takes as long as the proofs of so many transfers.
constexpr std::size_t kPageCost = 5'000;

// What everybody may see of it: paper goes from hand to hand.
Task<Result<PrintedReceipt>> facts_of(Service& service, Receipt receipt, std::string tz) {
  const ledger::Transfer& transfer = receipt.transfer;
  pg::Params params;
  params.add(transfer.payer.uuid).add(transfer.payee.uuid).add_time(transfer.created.us).add(tz);
  const auto rows =
      co_await service.db.query(queries::transaction::find_receipt_names, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto row = rows->front();
  PrintedReceipt printed;
  printed.currency = receipt.currency;
  printed.payment = transfer.id;
  printed.amount_minor = transfer.amount.minor;
  printed.paid = {transfer.created.us, row.paid_local};
  printed.tz = std::move(tz);
  printed.kind = name_of(transfer.kind);
  printed.payer = row.payer.value_or("");
  printed.payee = row.payee.value_or("");
  printed.note = transfer.note;
  if (transfer.refund_of != Uuid{}) printed.refund_of = transfer.refund_of.to_string();
  printed.chain = receipt.batch.chain_id;
  printed.batch = receipt.batch.seq;
  printed.receipt = sign_receipt(receipt, service.receipt_keys);
  co_return printed;
}

Task<Result<std::string>> render(Service& service, PrintedReceipt printed, std::string language,
                                 std::int64_t issued_at_s) {
  auto pdf = co_await service.prover.run(
      kPageCost,
      [printed = std::move(printed), language = std::move(language), issued_at_s,
       verify_url = service.config.public_url + "/verify#", &keys = service.receipt_keys] {
        return receipt_pdf(printed, language,
                           verify_url + receipt_token(printed, issued_at_s, keys));
      });
  if (!pdf) co_return fail({Code::overloaded, "Too many receipts are being made right now."});
  if (!*pdf) {
    log::error("a receipt could not be printed", {{"error.message", pdf->error()}});
    co_return fail(Code::internal_error, "The receipt could not be made.");
  }
  co_return std::move(**pdf);
}

}  // namespace

net::Reply get_receipt_pdf(Service& service, net::Request& request) {
  const auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(id.error());
  net::QueryReader query(request);
  std::string language = query.choice("lang", {"en", "ar"}, "en");
  std::string tz = request.query("tz").value_or("UTC");
  const auto known = co_await service.zones.known(tz);
  if (!known) co_return fail(known.error());
  if (!*known)
    query.mistake("tz", "not_allowed", "tz must be the name of a time zone such as Africa/Cairo.");
  if (auto error = query.finish()) co_return fail(std::move(*error));

  auto receipt = co_await prove(service, *id, *request.principal, false);
  if (!receipt) co_return fail(std::move(receipt.error()));
  const std::int64_t issued_at_s = receipt->issued_at_s;
  auto printed = co_await facts_of(service, *std::move(receipt), std::move(tz));
  if (!printed) co_return fail(std::move(printed.error()));
  auto pdf = co_await render(service, *std::move(printed), std::move(language), issued_at_s);
  if (!pdf) co_return fail(std::move(pdf.error()));
  net::Response response{200, "application/pdf", *std::move(pdf)};
  response.header("Content-Disposition",
                  fmt::format("attachment; filename=\"receipt-{}.pdf\"", id->to_string()));
  co_return response;
}

}  // namespace instapay::transaction
