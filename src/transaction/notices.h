#pragma once
// What happened to somebody, as the list of notifications and the stream show it
// (docs/decisions/0037). The list is derived from the account's entries and the log of events; its
// places are those of the stream.
#include "net/page.h"
#include "queries/transaction.h"
#include "transaction/service.h"
#include "transaction/stream_cursor.h"

namespace instapay::transaction {

inline constexpr std::int32_t kNoticesWalked = 500;  // entries and events that a page looks at
inline constexpr std::int64_t kUnreadMax = 100;      // more are not counted

using NoticeRow = queries::transaction::ListNoticesRow;

/// A Notification.
void write_notice(JsonWriter& json, const NoticeRow& row, Currency currency);

/// Goes through what happened, newest first, where entries and events are each in their own order:
/// of the two next ones the later comes first. A page that was cut off goes on from `place`.
class NoticePage {
 public:
  NoticePage(const pg::TypedRows<NoticeRow>& rows, StreamCursor from);

  /// The next one; nullptr at the end, or where no more was looked at.
  const NoticeRow* next();
  /// Whether there may be more below `place`.
  bool has_more() const { return entry_ < entries_ || event_ < rows_.size(); }
  const StreamCursor& place() const { return place_; }

 private:
  const pg::TypedRows<NoticeRow>& rows_;
  int entry_ = 0, entries_ = 0, event_ = 0;  // the next of each; where the entries end
  NoticeRow row_;
  StreamCursor place_;
};

/// How much is not seen, and where the newest stand.
struct Unread {
  std::int64_t count = 0;
  StreamCursor newest;
};
Task<Result<Unread>> count_unread(Service& service, Uuid user);

/// The event at a place of the user's own log, as a server-sent event's data; empty when it is not
/// shown.
Task<Result<std::string>> notice_at(Service& service, Uuid user, StreamCursor at);

}  // namespace instapay::transaction
