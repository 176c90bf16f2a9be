#include "reporting/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/time.h"
#include "net/accept.h"

namespace instapay::reporting {
namespace {

constexpr std::string_view kJsonType = "application/json", kCsvType = "text/csv";

}  // namespace

std::optional<Format> read_format(const net::Request& request, net::QueryReader& query) {
  if (const std::string asked = query.choice("format", {"json", "csv"}); !asked.empty())
    return asked == "csv" ? Format::csv : Format::json;
  // What format says wrongly is told as such.
  if (request.query("format")) return Format::json;
  const auto type = net::best_type(request.header("Accept"), {kJsonType, kCsvType});
  if (type.empty()) return std::nullopt;
  return type == kCsvType ? Format::csv : Format::json;
}

std::unexpected<Error> not_acceptable() {
  return fail(Code::not_acceptable, "This report comes as application/json or text/csv.");
}

net::Response csv_response(std::string_view name, std::string_view start, std::string_view end,
                           std::int64_t as_of_us) {
  std::string file = fmt::format("{}-{}-{}.csv", name, start, end);
  std::ranges::replace(file, ':', '.');  // no file system but ours likes colons
  net::Response response{200, "text/csv; charset=utf-8; header=present"};
  response.header("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file));
  response.header("Vary", "Accept");
  response.header("X-As-Of", format_time(as_of_us));
  return response;
}

}  // namespace instapay::reporting
