#pragma once
// Query parameters: read like the fields of a body, all mistakes at once.
#include <algorithm>
#include <initializer_list>

#include "core/fields.h"
#include "core/json.h"
#include "core/limits.h"
#include "core/uuid.h"
#include "net/http.h"

namespace instapay::net {

struct Page {
  int limit = kPageDefault;
  std::string cursor;  // opaque to clients; empty: the first page
};

/// A day, or a moment. As the start of a range it is begins_us, as its end ends_us (exclusive):
/// a date ends with its last microsecond, a time ends where it says.
struct Moment {
  std::int64_t begins_us = 0, ends_us = 0;
  bool is_date = false;
};

class QueryReader {
 public:
  explicit QueryReader(const Request& request) : request_(request) {}

  Page page();
  /// The page's cursor where it is an id; nullopt on the first page. Else it is a mistake.
  std::optional<Uuid> id_cursor(const Page& page);
  /// Not blank.
  std::optional<std::string> text(std::string_view name, std::size_t max_chars);
  std::string choice(std::string_view name, std::initializer_list<std::string_view> allowed,
                     std::string_view fallback = "");
  /// YYYY-MM-DD (of UTC here) or RFC 3339.
  std::optional<Moment> moment(std::string_view name);
  /// The canonical form of a UUID.
  std::optional<Uuid> id(std::string_view name);
  std::optional<std::int64_t> amount(std::string_view name, Currency currency);

  /// The cursor is none of ours.
  void mistake_in_cursor();
  void mistake(std::string_view name, std::string_view code, std::string detail);
  std::optional<Error> finish();

 private:
  const Request& request_;
  FieldErrors errors_;
};

/// What to narrow where a list from `from` to `to` reads more than the database may for one
/// request.
inline constexpr std::string_view kNarrowFromTo = "choose a later from or an earlier to";

/// "hasMore" and "nextCursor" (null at the end).
void write_page_end(JsonWriter& json, bool has_more, std::string_view next_cursor);

/// "data", and the end of the page: of `rows` rows those that it has room for, where one more than
/// that was asked of the database. `write(json, i)` writes a row; `cursor_of(i)` is what follows
/// it.
void write_page(JsonWriter& json, int rows, const Page& page, const auto& write,
                const auto& cursor_of) {
  const int shown = std::min(rows, page.limit);
  json.key("data").begin_array();
  for (int i = 0; i < shown; ++i) write(json, i);
  json.end_array();
  const bool has_more = rows > shown;
  write_page_end(json, has_more, has_more ? cursor_of(shown - 1) : std::string());
}

/// The page as an answer.
Response page_answer(int rows, const Page& page, const auto& write, const auto& cursor_of) {
  Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_page(json, rows, page, write, cursor_of);
  json.end_object();
  return response;
}

}  // namespace instapay::net
