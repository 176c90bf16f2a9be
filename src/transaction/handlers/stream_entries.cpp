#include "core/limits.h"
#include "core/time.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {
namespace {

constexpr auto kTick = std::chrono::milliseconds(1000);  // how soon an ended session is noticed
constexpr std::int64_t kHeartbeat_us = 15 * kSecond_us;
constexpr std::string_view kHeartbeat = ": hb\n\n";

// New entries as server-sent events (WHATWG HTML §9.2), oldest first; `last` moves along. False:
// the client is gone. While the database is away there is nothing to say.
Task<bool> send_new(Service& service, net::BodyWriter& out, const Uuid& account,
                    std::int64_t& last) {
  for (;;) {
    const auto rows = co_await service.db.query(queries::transaction::entries_after,
                                                pg::Params().add(account).add(last));
    if (!rows || rows->empty()) co_return true;
    std::string events;
    for (int i = 0; i < rows->size(); ++i) {
      last = rows->int64(i, 10);
      events += "event: entry\nid: " + std::to_string(last) + "\ndata: ";
      JsonWriter json(events);
      write_entry(json, *rows, i, account, service.config.currency);
      events += "\n\n";
    }
    if (!co_await out.write(events)) co_return false;
  }
}

Task<void> run(Service& service, net::BodyWriter& out, net::Principal principal, std::int64_t last,
               bool reset) {
  EntryFeed::Subscription subscription(service.feed, principal.user_id);
  if (!co_await out.write(reset ? "event: reset\ndata: {}\n\n" : ": ok\n\n")) co_return;
  std::int64_t quiet_since_us = monotonic_us();
  while (!out.stopping() && service.session_alive(principal) &&
         now_us() / kSecond_us < principal.expires_at_s) {
    const std::int64_t before = last;
    if (!co_await send_new(service, out, principal.user_id, last)) co_return;
    const std::int64_t now = monotonic_us();
    if (last != before) quiet_since_us = now;
    if (now - quiet_since_us >= kHeartbeat_us) {
      if (!co_await out.write(kHeartbeat)) co_return;
      quiet_since_us = now;
    }
    co_await subscription.wait(kTick);
  }
}

}  // namespace

net::Reply stream_entries(Service& service, net::Request& request) {
  if (service.feed.open() >= kStreamsMax)
    co_return fail(Code::overloaded, "Too many streams are open; ask for the history instead.");
  const net::Principal principal = *request.principal;
  const std::string_view last_event = request.header("Last-Event-ID");
  std::int64_t last = 0;
  const auto rows = co_await service.db.query(queries::transaction::last_entry,
                                              pg::Params().add(principal.user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const std::int64_t newest = rows->empty() ? 0 : rows->int64(0, 0);
  // A number that no entry has yet would swallow the next ones.
  const bool resumed = read_seq(last_event, last) && last <= newest;
  if (!resumed) last = newest;  // from now on
  const bool reset = !resumed && !last_event.empty();
  net::Response response{200, "text/event-stream"};
  response.header("X-Accel-Buffering", "no");  // a proxy must pass events on at once
  response.stream = [&service, principal, last, reset](net::BodyWriter& out) {
    return run(service, out, principal, last, reset);
  };
  co_return response;
}

}  // namespace instapay::transaction
