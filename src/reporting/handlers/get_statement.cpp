#include <fmt/format.h>

#include <algorithm>

#include "core/time.h"
#include "queries/reporting.h"
#include "reporting/handlers/handlers.h"
#include "reporting/statement.h"

namespace instapay::reporting {
namespace {

struct FormatInfo {
  std::string_view name;
  StatementFormat format;
  std::string_view content_type, extension;
};
constexpr FormatInfo kFormats[] = {
    {"csv", StatementFormat::csv, "text/csv; charset=utf-8; header=present", "csv"},
    {"pdf", StatementFormat::pdf, "application/pdf", "pdf"},
    {"camt053", StatementFormat::camt053, "application/xml", "xml"},
    {"mt940", StatementFormat::mt940, "text/plain; charset=us-ascii", "sta"},
    {"ofx", StatementFormat::ofx, "application/x-ofx", "ofx"},
};

net::Response as_file(const FormatInfo& format, const StatementHolder& holder, const Range& range,
                      std::int64_t as_of_us, std::string body) {
  std::string file = fmt::format("statement-{}-{}-{}.{}", holder.username, range.start, range.end,
                                 format.extension);
  std::ranges::replace(file, ':', '.');  // no file system but ours likes colons
  net::Response response{200, std::string(format.content_type), std::move(body)};
  response.header("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file));
  response.header("X-As-Of", format_time(as_of_us));
  return response;
}

}  // namespace

net::Reply get_statement(Service& service, net::Request& request) {
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  if (*user != request.principal->user_id)
    co_return fail(Code::forbidden, "You may have only your own statement.");
  net::QueryReader query(request);
  const std::string name = query.choice("format", {"csv", "pdf", "camt053", "mt940", "ofx"}, "csv");
  std::string language = query.choice("lang", {"en", "ar"}, "en");
  auto asked = co_await read_range(service, request, query, Periods::on_request);
  if (!asked) co_return fail(std::move(asked.error()));
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const FormatInfo& format = *std::ranges::find(kFormats, name, &FormatInfo::name);

  // Somebody who has just come is known, whatever a standby has heard of them.
  const auto known =
      co_await service.db.query(queries::reporting::find_holder, pg::Params().add(*user));
  if (!known) co_return fail(pg::to_error(known.error()));
  if (known->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  const StatementHolder holder{*user, std::string(known->front().username),
                               std::string(known->front().display_name)};
  Reading reading(service.reads);
  const auto range = co_await find_range(reading, *asked);
  if (!range) co_return fail(range.error());
  const bool on_paper = format.format == StatementFormat::pdf;
  auto statement = co_await read_statement(
      reading, holder, *range, asked->tz, service.config.currency,
      on_paper ? documents::kStatementPdfEntriesMax : documents::kStatementEntriesMax);
  if (!statement) co_return fail(std::move(statement.error()));
  auto body =
      co_await render_statement(service, std::move(*statement), format.format, std::move(language));
  if (!body) co_return fail(std::move(body.error()));
  co_return as_file(format, holder, *range, reading.as_of_us(), std::move(*body));
}

}  // namespace instapay::reporting
