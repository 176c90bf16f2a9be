#include "net/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "core/time.h"
#include "core/utf8.h"

namespace instapay::net {

Page QueryReader::page() {
  Page page;
  if (const auto limit = request_.query("limit")) {
    const char* end = limit->data() + limit->size();
    const auto [stop, error] = std::from_chars(limit->data(), end, page.limit);
    if (error != std::errc() || stop != end || page.limit < 1 || page.limit > kPageMax) {
      mistake("limit", "out_of_range", fmt::format("limit must be 1 to {}.", kPageMax));
      page.limit = kPageDefault;
    }
  }
  if (auto cursor = request_.query("cursor")) {
    if (cursor->empty()) mistake_in_cursor();
    page.cursor = std::move(*cursor);
  }
  return page;
}

std::optional<Uuid> QueryReader::id_cursor(const Page& page) {
  if (page.cursor.empty()) return std::nullopt;
  const auto id = Uuid::parse(page.cursor);
  if (!id) mistake_in_cursor();
  return id;
}

void QueryReader::mistake_in_cursor() {
  mistake("cursor", "invalid_format", "cursor must come from nextCursor.");
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t max_chars) {
  auto value = request_.query(name);
  if (!value) return std::nullopt;
  if (trim_blanks(*value).empty()) {
    mistake(name, "required", fmt::format("{} is empty: leave it out, or name something.", name));
    return std::nullopt;
  }
  if (!is_plain_text(*value))
    mistake(name, "invalid_format", fmt::format("{} {}.", name, explain(TextProblem::unseen)));
  if (count_chars(*value) > max_chars)
    mistake(name, "too_long", fmt::format("{} may have at most {} characters.", name, max_chars));
  return value;
}

std::optional<Uuid> QueryReader::id(std::string_view name) {
  const auto value = request_.query(name);
  if (!value) return std::nullopt;
  const auto id = Uuid::parse(*value);
  if (!id) mistake(name, "invalid_format", fmt::format("{} must be an id.", name));
  return id;
}

std::string QueryReader::choice(std::string_view name,
                                std::initializer_list<std::string_view> allowed,
                                std::string_view fallback) {
  const auto value = request_.query(name);
  if (!value) return std::string(fallback);
  if (std::ranges::find(allowed, *value) != allowed.end()) return *value;
  mistake(name, "not_allowed",
          fmt::format("{} must be one of: {}.", name, fmt::join(allowed, ", ")));
  return std::string(fallback);
}

std::optional<Moment> QueryReader::moment(std::string_view name) {
  auto value = request_.query(name);
  if (!value) return std::nullopt;
  // A '+' of an offset that was not percent-encoded arrives as a blank.
  std::ranges::replace(*value, ' ', '+');
  if (const auto day = parse_date(*value))
    return Moment{*day * kDay_us, (*day + 1) * kDay_us, true};
  if (const auto time = parse_time(*value)) return Moment{*time, *time, false};
  mistake(name, "invalid_format",
          fmt::format("{} must be a date (2026-01-31) or an RFC 3339 time.", name));
  return std::nullopt;
}

std::optional<std::int64_t> QueryReader::amount(std::string_view name, Currency currency) {
  const auto value = request_.query(name);
  if (!value) return std::nullopt;
  const auto minor = parse_amount(*value, currency);
  if (minor && *minor >= 0) return *minor;
  mistake(name, "invalid_format", fmt::format("{} must be an amount such as 12.30.", name));
  return std::nullopt;
}

void QueryReader::mistake(std::string_view name, std::string_view code, std::string detail) {
  errors_.add({std::string(name), std::string(code), std::move(detail)});
}

std::optional<Error> QueryReader::finish() {
  if (errors_.empty()) return std::nullopt;
  return validation_error(std::move(errors_));
}

void write_page_end(JsonWriter& json, bool has_more, std::string_view next_cursor) {
  json.field("hasMore", has_more).key("nextCursor");
  if (has_more) {
    json.value(next_cursor);
  } else {
    json.null();
  }
}

}  // namespace instapay::net
