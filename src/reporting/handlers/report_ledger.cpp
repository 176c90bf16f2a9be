#include "core/sha256.h"
#include "core/time.h"
#include "queries.h"
#include "reporting/handlers/handlers.h"
#include "reporting/roll_up/question.h"

namespace instapay::reporting {
namespace {

// Milliseconds with three digits are microseconds.
constexpr Currency kMilliseconds{"ms", 3};
constexpr Currency kTenths{"tenth", 1};

void write_books(JsonWriter& json, const pg::Rows& rows, Currency currency) {
  const Total sum = rows.total(0, 0);
  json.key("books").begin_object().field("balanced", sum == 0);
  json.key("sumOfBalances").amount(sum, currency);
  json.field("accounts", rows.int64(0, 1)).field("entries", rows.int64(0, 2)).end_object();
}

void write_chains(JsonWriter& json, const pg::Rows& rows) {
  json.key("chains").begin_array();
  for (int i = 0; i < rows.size(); ++i) {
    json.begin_object().field("chainId", rows.int64(i, 0)).field("seq", rows.int64(i, 1));
    json.field("batches", rows.int64(i, 2)).field("transfers", rows.int64(i, 3));
    json.field("head", to_hex(rows.bytes(i, 4))).key("lastCommitAt").time(rows.time_us(i, 5));
    json.end_object();
  }
  json.end_array();
}

void write_queue(JsonWriter& json, const Exposition& ledger) {
  const std::int64_t batches = ledger.whole("instapay_ledger_batch_transfers_count").value_or(0);
  const std::int64_t transfers = ledger.whole("instapay_ledger_batch_transfers_sum").value_or(0);
  const auto commit_us = [&](int percent) {
    return ledger.quantile("instapay_ledger_commit_duration_seconds", percent);
  };
  json.key("queue").begin_object();
  json.field("depth", ledger.whole("instapay_ledger_queue_transfers").value_or(0));
  json.field("max", ledger.whole("instapay_ledger_queue_transfers_max").value_or(0));
  json.key("batchAvg");
  if (batches > 0) {
    json.amount(transfers * 10 / batches, kTenths);
  } else {
    json.null();
  }
  json.key("commitP50Ms").amount_or_null(commit_us(50), kMilliseconds);
  json.key("commitP99Ms").amount_or_null(commit_us(99), kMilliseconds);
  json.end_object();
}

void write_conflicts(JsonWriter& json, const Exposition& ledger) {
  const auto count = [&](std::string_view name) { return ledger.whole(name).value_or(0); };
  json.key("conflicts").begin_object();
  json.field("versionConflicts", count("instapay_ledger_conflicts_total"));
  json.field("unknownOutcomes", count("instapay_ledger_unknown_outcomes_total"));
  json.field("resolved", count("instapay_ledger_unknown_outcomes_resolved_total"));
  json.field("replays", count("instapay_ledger_replays_total")).end_object();
}

}  // namespace

net::Reply report_ledger(Service& service, net::Request&) {
  Reading reading(service.reads);
  const auto books =
      co_await reading.query(queries::reporting::check_books, pg::Params().add(kOpenTransfersMax));
  if (!books) co_return fail(report_error(books.error()));
  const auto chains = co_await reading.query(queries::reporting::list_chains);
  if (!chains) co_return fail(pg::to_error(chains.error()));
  const ServicesSeenPtr seen = co_await service.neighbours.look();

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("asOf").time(reading.as_of_us());
  write_books(json, *books, service.config.currency);
  write_chains(json, *chains);
  if (seen->ledger) {
    write_queue(json, *seen->ledger);
    write_conflicts(json, *seen->ledger);
  } else {
    json.key("queue").null().key("conflicts").null();
  }
  json.end_object();
  co_return response;
}

}  // namespace instapay::reporting
