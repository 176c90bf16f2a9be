#include "core/limits.h"
#include "core/time.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"
#include "transaction/notices.h"
#include "transaction/render.h"
#include "transaction/requests.h"
#include "transaction/stream_cursor.h"

namespace instapay::transaction {
namespace {

constexpr auto kTick = std::chrono::milliseconds(1000);  // how soon an ended session is noticed
constexpr std::int64_t kHeartbeat_us = 15 * kSecond_us;
constexpr std::string_view kHeartbeat = ": hb\n\n";

constexpr std::string_view kChanges[] = {"created",   "paid",    "partly_paid", "declined",
                                         "cancelled", "expired", "reminded"};

// In the order of request_events.change, where it is about a hold.
constexpr std::string_view kHoldChanges[] = {"created",  "captured", "partly_captured",
                                             "released", "released", "expired"};

void begin_event(std::string& events, std::string_view name, const StreamCursor& last) {
  events += "event: ";
  events += name;
  events += "\nid: " + last.to_id() + "\ndata: ";
}

// New entries as server-sent events (WHATWG HTML §9.2), oldest first; `last` moves along. False:
// the client is gone. While the database is away there is nothing to say.
Task<bool> send_entries(Service& service, net::BodyWriter& out, const Uuid& account,
                        StreamCursor& last) {
  for (;;) {
    const auto rows = co_await service.db.query(queries::transaction::entries_after,
                                                pg::Params().add(account).add(last.entry));
    if (!rows || rows->empty()) co_return true;
    std::string events;
    for (int i = 0; i < rows->size(); ++i) {
      last.entry = rows->int64(i, 10);
      begin_event(events, "entry", last);
      JsonWriter json(events);
      write_entry(json, *rows, i, account, service.config.currency);
      events += "\n\n";
    }
    if (!co_await out.write(events)) co_return false;
  }
}

// What happened to a hold of the viewer's, as it is now. Error: of the database.
Task<Result<std::string>> hold_event(Service& service, const net::Principal& viewer,
                                     StreamCursor at, Uuid hold, std::int64_t change,
                                     std::int64_t happened_us) {
  const auto held = co_await find_hold(service, viewer, hold);
  if (!held) co_return fail(held.error());
  std::string event;
  begin_event(event, "hold", at);
  JsonWriter json(event);
  json.begin_object().field("change", kHoldChanges[change]);
  json.key("happenedAt").time(happened_us);
  json.key("hold").begin_object();
  write_hold(json, *held, service.config.currency);
  json.end_object().end_object();
  co_return event + "\n\n";
}

// What else happened to the viewer; empty when it is not shown. Error: of the database.
Task<Result<std::string>> notice_event(Service& service, const net::Principal& viewer,
                                       StreamCursor at) {
  const auto data = co_await notice_at(service, viewer.user_id, at);
  if (!data || data->empty()) co_return data;
  std::string event;
  begin_event(event, "notice", at);
  co_return event + *data + "\n\n";
}

// What happened to the viewer's requests and holds, each as it is now. `due`: whether there may be
// more that could not be read.
Task<bool> send_requests(Service& service, net::BodyWriter& out, const net::Principal& viewer,
                         StreamCursor& last, bool& due) {
  for (;;) {
    const auto rows =
        co_await service.db.query(queries::transaction::request_events_after,
                                  pg::Params().add(viewer.user_id).add(last.xid).add(last.event));
    due = !rows;
    if (!rows || rows->empty()) co_return true;
    std::string events;
    for (int i = 0; i < rows->size(); ++i) {
      const StreamCursor at{last.entry, rows->int64(i, 22), rows->int64(i, 23)};
      const bool is_hold = !rows->is_null(i, 24);
      if (is_hold || rows->is_null(i, 0)) {
        if (viewer.machine) {  // neither is for programs (net/scopes.cpp)
          last = at;
          continue;
        }
        const auto event = is_hold ? co_await hold_event(service, viewer, at, rows->uuid(i, 24),
                                                         rows->int64(i, 20), rows->time_us(i, 21))
                                   : co_await notice_event(service, viewer, at);
        due = !event;
        if (!event) break;
        events += *event;
        last = at;
        continue;
      }
      last = at;
      begin_event(events, "request", last);
      JsonWriter json(events);
      json.begin_object().field("change", kChanges[rows->int64(i, 20)]);
      json.key("happenedAt").time(rows->time_us(i, 21));
      json.key("request").begin_object();
      write_request(json, read_request(*rows, i), viewer, service.config.currency);
      json.end_object().end_object();
      events += "\n\n";
    }
    if (!events.empty() && !co_await out.write(events)) co_return false;
    if (due) co_return true;
  }
}

Task<void> run(Service& service, net::BodyWriter& out, net::Principal principal, StreamCursor last,
               bool reset) {
  EntryFeed::Subscription subscription(service.feed, principal.user_id);
  if (!co_await out.write(reset ? "event: reset\ndata: {}\n\n" : ": ok\n\n")) co_return;
  std::int64_t quiet_since_us = monotonic_us();
  const bool sees_requests =
      !principal.machine || principal.machine->scopes.has(Scope::requests_read);
  bool requests_due = false;
  while (!out.stopping() && service.session_alive(principal) &&
         now_us() / kSecond_us < principal.expires_at_s) {
    const StreamCursor before = last;
    if (!co_await send_entries(service, out, principal.user_id, last)) co_return;
    requests_due = (subscription.take_requests() || requests_due) && sees_requests;
    if (requests_due && !co_await send_requests(service, out, principal, last, requests_due))
      co_return;
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
  const auto start = co_await service.db.query(queries::transaction::stream_start,
                                               pg::Params().add(principal.user_id));
  if (!start) co_return fail(pg::to_error(start.error()));
  const std::int64_t newest = start->int64(0, 0);
  const auto followed = StreamCursor::parse(last_event);
  // A number that is not there yet would swallow the next ones.
  const bool resumed = followed && followed->entry <= newest && followed->xid <= start->int64(0, 2);
  const bool reset = !resumed && !last_event.empty();
  const StreamCursor last =
      resumed ? *followed : StreamCursor{newest, start->int64(0, 1), 0};  // from now on
  net::Response response{200, "text/event-stream"};
  response.header("X-Accel-Buffering", "no");  // a proxy must pass events on at once
  response.stream = [&service, principal, last, reset](net::BodyWriter& out) {
    return run(service, out, principal, last, reset);
  };
  co_return response;
}

}  // namespace instapay::transaction
