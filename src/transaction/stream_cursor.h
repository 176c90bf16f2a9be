#pragma once
// How far a stream was followed: the id of its last event, which comes back as Last-Event-ID.
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay::transaction {

struct StreamCursor {
  std::int64_t entry = 0;  // the account's last entry
  std::int64_t xid = 0,
               event = 0;  // of what happened to its requests: a transaction, a number in it

  bool operator==(const StreamCursor&) const = default;

  std::string to_id() const {
    return std::to_string(entry) + '.' + std::to_string(xid) + '.' + std::to_string(event);
  }

  /// nullopt for what no stream has given.
  static std::optional<StreamCursor> parse(std::string_view text) {
    StreamCursor cursor;
    std::int64_t* const parts[] = {&cursor.entry, &cursor.xid, &cursor.event};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (std::int64_t* part : parts) {
      if (part != parts[0] && (at == end || *at++ != '.')) return std::nullopt;
      const auto [next, error] = std::from_chars(at, end, *part);
      if (error != std::errc() || *part < 0) return std::nullopt;
      at = next;
    }
    if (at != end) return std::nullopt;
    return cursor;
  }
};

}  // namespace instapay::transaction
