#pragma once
// Query parameters: read like the fields of a body, all mistakes at once.
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

}  // namespace instapay::net
