#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "core/text.h"
#include "core/time.h"
#include "queries.h"
#include "reporting/action.h"
#include "reporting/format.h"
#include "reporting/handlers/handlers.h"

namespace instapay::reporting {
namespace {

constexpr int kActionsCsvMax = 10'000;
// Later than any clock that was ever wrong.
constexpr std::int64_t kEndOfTime_us = 4'000'000'000 * kSecond_us;

struct ActionQuery {
  net::Page page;
  std::string actor, subject;  // id, e-mail or username; empty: everybody
  std::optional<ledger::EntryKind> kind;
  std::int64_t from_us = 0;
  // The entry before the page, or where the range ends.
  std::int64_t before_us = kEndOfTime_us;
  Uuid before_account{};
  std::int64_t before_seq = 0;
};

// "<microseconds>.<account>.<number>": where a page ended.
std::string cursor_of(const Action& action) {
  return fmt::format("{}.{}.{}", action.at_us, action.account.to_string(), action.seq);
}

bool read_cursor(std::string_view text, ActionQuery& query) {
  const auto number = [](std::string_view part, std::int64_t& value) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc() && end == part.data() + part.size();
  };
  const std::size_t first = text.find('.'), last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return false;
  const auto account = Uuid::parse(text.substr(first + 1, last - first - 1));
  query.before_account = account.value_or(Uuid{});
  return account && number(text.substr(0, first), query.before_us) &&
         number(text.substr(last + 1), query.before_seq) && query.before_us >= 0 &&
         query.before_us <= kEndOfTime_us;
}

ActionQuery read_query(net::QueryReader& reader) {
  ActionQuery query;
  query.page = reader.page();
  query.actor = lower_ascii(trim_blanks(reader.text("actor", 254).value_or("")));
  query.subject = lower_ascii(trim_blanks(reader.text("subject", 254).value_or("")));
  query.kind = ledger::parse_entry_kind(reader.choice("kind", {"control", "adjustment", "refund"}));
  const auto from = reader.moment("from"), to = reader.moment("to");
  if (from) query.from_us = from->begins_us;
  if (to) query.before_us = to->ends_us;
  if (from && to && from->begins_us > to->begins_us)
    reader.mistake("from", "out_of_range", "from must not be after to.");
  if (!query.page.cursor.empty() && !read_cursor(query.page.cursor, query))
    reader.mistake_in_cursor();
  return query;
}

// Of an id, e-mail address or username; the zero id, which is nobody's, when there is no such user.
Task<Result<std::optional<Uuid>>> find_person(Service& service, const std::string& person) {
  if (person.empty()) co_return std::nullopt;
  if (const auto id = Uuid::parse(person)) co_return id;
  const auto rows =
      co_await service.db.query(queries::reporting::find_user_id, pg::Params().add(person));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return rows->empty() ? Uuid{} : rows->uuid(0, 0);
}

Task<Result<pg::Rows>> find_actions(Service& service, Reading& reading, const ActionQuery& query,
                                    int limit) {
  const auto actor = co_await find_person(service, query.actor);
  if (!actor) co_return fail(actor.error());
  const auto subject = co_await find_person(service, query.subject);
  if (!subject) co_return fail(subject.error());
  pg::Params params;
  params.add_time(query.before_us).add(query.before_account).add(query.before_seq);
  params.add_time(query.from_us).add(*actor).add(*subject);
  if (query.kind) {
    params.add_int16(static_cast<std::int16_t>(*query.kind));
  } else {
    params.add_null();
  }
  params.add(limit);
  auto rows = co_await reading.query(queries::reporting::list_actions, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error(), net::kNarrowFromTo));
  co_return std::move(*rows);
}

net::Reply as_csv(Service& service, const ActionQuery& query) {
  Reading reading(service.reads);
  const auto rows = co_await find_actions(service, reading, query, kActionsCsvMax + 1);
  if (!rows) co_return fail(rows.error());
  if (rows->size() > kActionsCsvMax)
    co_return fail_field(
        "from", "out_of_range",
        fmt::format("There are more than {} actions: narrow the range or the filter.",
                    kActionsCsvMax));
  net::Response response = csv_response("actions", format_time(query.from_us),
                                        format_time(now_us()), reading.as_of_us());
  CsvWriter csv(response.body);
  write_action_titles(csv);
  for (int i = 0; i < rows->size(); ++i)
    write_action(csv, read_action(*rows, i), service.config.currency);
  co_return response;
}

}  // namespace

net::Reply list_actions(Service& service, net::Request& request) {
  net::QueryReader reader(request);
  const auto format = read_format(request, reader);
  const ActionQuery query = read_query(reader);
  if (auto error = reader.finish()) co_return fail(std::move(*error));
  if (!format) co_return not_acceptable();
  if (*format == Format::csv) co_return co_await as_csv(service, query);

  Reading reading(service.reads);
  const auto rows = co_await find_actions(service, reading, query, query.page.limit + 1);
  if (!rows) co_return fail(rows.error());
  net::Response response{200, "application/json"};
  response.header("Vary", "Accept");
  JsonWriter json(response.body);
  json.begin_object();
  const auto write = [&](JsonWriter& to, int i) {
    write_action(to, read_action(*rows, i), service.config.currency);
  };
  net::write_page(json, rows->size(), query.page, write,
                  [&](int i) { return cursor_of(read_action(*rows, i)); });
  json.key("asOf").time(reading.as_of_us()).end_object();
  co_return response;
}

}  // namespace instapay::reporting
