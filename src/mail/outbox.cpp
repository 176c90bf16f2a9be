#include "mail/outbox.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/opaque_token.h"
#include "core/time.h"
#include "mail/smtp.h"
#include "mail/templates.h"
#include "queries.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::mail {
namespace {

constexpr std::string_view kSender = "Mini-InstaPay";

constexpr std::int64_t kWatchEvery_us = 5 * kSecond_us;
constexpr std::int64_t kPurgeEvery_us = 3600 * kSecond_us;
constexpr std::int32_t kPurgeRows = 1000;  // at a time

// What a kind's link is for: a page of the wallet, with a token of that life or without one.
struct Kind {
  std::string_view name, page;
  std::int32_t token_s;
};
constexpr Kind kKinds[] = {{"verify_email", "/verify-email", kVerifyLink_s},
                           {"password_reset", "/reset-password", kResetLink_s},
                           {"password_changed", "/forgot-password", 0},
                           {"schedule_waits", "/schedules", 0},
                           {"schedule_failed", "/schedules", 0},
                           {"schedule_not_received", "/", 0},
                           {"draw_announced", "/mandates", 0},
                           {"draw_waits", "/mandates", 0},
                           {"draw_failed", "/mandates", 0},
                           {"draw_not_received", "/mandates", 0},
                           {"email_change", "/change-email", kVerifyLink_s},
                           {"email_changed", "/undo-email", kUndoLink_s},
                           {"new_device", "/settings", 0},
                           {"app_added", "/settings/security", 0},
                           {"passkey_added", "/settings/security", 0},
                           {"passkey_removed", "/settings/security", 0},
                           {"factors_removed", "/settings/security", 0},
                           {"pin_set", "/settings/security", 0},
                           {"pin_locked", "/settings/security", 0},
                           {"wallet_frozen", "/settings/security", 0},
                           {"wallet_unfrozen", "/settings/security", 0},
                           {"wallet_closed", "/", 0},
                           {"wallet_closed_empty", "/", 0},
                           {"large_payment", "/activity", 0},
                           {"money_in", "/activity", 0},
                           {"request_created", "/requests", 0},
                           {"request_reminded", "/requests", 0},
                           {"request_declined", "/requests", 0},
                           {"daily_summary", "/activity", 0}};

// What somebody has done to an account: its owner learns of it, closed or not.
constexpr std::string_view kAboutSafety[] = {
    "password_changed",    "email_changed",   "new_device",    "app_added",       "passkey_added",
    "passkey_removed",     "factors_removed", "wallet_frozen", "wallet_unfrozen", "wallet_closed",
    "wallet_closed_empty", "pin_set",         "pin_locked"};

const Kind* find_kind(std::string_view name) {
  const auto* kind = std::ranges::find(kKinds, name, &Kind::name);
  return kind == std::end(kKinds) ? nullptr : kind;
}

// 2026-11-26 07:22 UTC: the same in every language.
std::string time_for_people(std::int64_t unix_us) {
  std::string text = format_time(unix_us);
  text.replace(10, 1, " ");
  return text.substr(0, 16) + " UTC";
}

void publish(std::int64_t lag_s, std::int64_t dead) {
  metrics::gauge("instapay_mail_lag_seconds", "Age of the oldest mail that is still to be sent")
      .Set(static_cast<double>(lag_s));
  metrics::gauge("instapay_mail_dead_letters", "Mails that will not be sent any more")
      .Set(static_cast<double>(dead));
}

void count(std::string_view kind, std::string_view outcome) {
  metrics::counter("instapay_mails_total", "Attempts to send a mail",
                   {{"kind", std::string(kind)}, {"outcome", std::string(outcome)}})
      .Increment();
}

}  // namespace

std::int32_t retry_after_s(std::int64_t attempts) {
  std::int64_t wait_s = kMailRetryFirst_s;
  for (std::int64_t i = 1; i < attempts && wait_s < kMailRetryMax_s; ++i) wait_s *= 4;
  return static_cast<std::int32_t>(std::min<std::int64_t>(wait_s, kMailRetryMax_s));
}

void publish_nothing_to_send() { publish(0, 0); }

struct Outbox::Mail {
  Uuid id;
  std::string kind, language;
  std::int64_t attempts = 0, created_us = 0;
  bool expired = false;
  std::optional<Uuid> user;
  std::string address, name;
  // How much a payment, a request (nullopt: the payer says), an occurrence of a schedule or
  // a draw is, and who the other side is; when one of the latter was due, and until when it is
  // tried.
  std::optional<std::int64_t> amount_minor;
  std::string person, due, until;
  std::string details;                  // as the template says it: the device, the passkey
  std::optional<Uuid> email_change_id;  // of mails about a change of address
  // Of the summary of a day: which, how many payments came in and how much, and the same that went.
  std::string day;
  std::int64_t came = 0, came_in_minor = 0, went = 0, went_out_minor = 0;
  bool is_staff = false, is_closed = false;

  explicit Mail(const pg::Rows& rows)
      : id(rows.uuid(0, 0)),
        kind(rows.text(0, 1)),
        language(rows.text(0, 5)),
        attempts(rows.int64(0, 2)),
        created_us(rows.time_us(0, 4)),
        expired(rows.boolean(0, 3)) {
    amount_minor = rows.optional_int64(0, 11);
    person = rows.text(0, 12);
    due = rows.text(0, 13);
    until = rows.text(0, 14);
    details = rows.text(0, 15);
    if (!rows.is_null(0, 16)) email_change_id = rows.uuid(0, 16);
    day = rows.text(0, 17);
    came = rows.optional_int64(0, 18).value_or(0);
    came_in_minor = rows.optional_int64(0, 19).value_or(0);
    went = rows.optional_int64(0, 20).value_or(0);
    went_out_minor = rows.optional_int64(0, 21).value_or(0);
    if (rows.is_null(0, 6)) return;
    user = rows.uuid(0, 6);
    address = rows.text(0, 7);
    name = rows.text(0, 8);
    is_staff = rows.text(0, 9) != "user";
    is_closed = rows.boolean(0, 10);
  }

  // Staff get no link by mail: their password is reset by whoever runs the platform.
  bool has_recipient() const {
    return user && !(kind == "password_reset" && is_staff) &&
           !(is_closed && std::ranges::find(kAboutSafety, kind) == std::end(kAboutSafety));
  }
};

// How an attempt ends: the state that is written, why, and what is counted.
struct Outbox::End {
  std::string_view state, outcome;
  std::optional<std::string> error = {};
};

pg::Result<std::optional<std::string>> Outbox::make_link(pg::Connection& db, const Mail& mail) {
  const Kind* kind = find_kind(mail.kind);
  std::string page = options_.public_url + std::string(kind->page);
  if (kind->token_s == 0) return page;
  const auth::OpaqueToken token = auth::make_opaque_token();
  pg::Params params;
  params.add_bytes(token.hash).add(mail.kind).add(*mail.user).add(mail.address);
  params.add_time(mail.created_us).add(kind->token_s).add(mail.email_change_id);
  const auto issued = db.query(queries::mail::issue_token, params);
  if (!issued) return std::unexpected(issued.error());
  if (issued->empty()) return std::nullopt;
  // Behind the '#': no server is sent it, so no log has it.
  return fmt::format("{}#{}", page, token.text);
}

Message Outbox::write(const Mail& mail, const std::string& link) const {
  const auto amount = [this](std::int64_t minor) {
    return fmt::format("{} {}", format_amount(minor, options_.currency), options_.currency.code);
  };
  Rendered text = render(mail.kind, mail.language,
                         {{"name", mail.name},
                          {"address", mail.address},
                          {"time", time_for_people(mail.created_us)},
                          {"amount", mail.amount_minor ? amount(*mail.amount_minor) : "—"},
                          {"person", mail.person},
                          {"details", mail.details},
                          {"due", mail.due},
                          {"until", mail.until},
                          {"day", mail.day},
                          {"came", std::to_string(mail.came)},
                          {"came_in", amount(mail.came_in_minor)},
                          {"went", std::to_string(mail.went)},
                          {"went_out", amount(mail.went_out_minor)},
                          {"link", link}});
  Message message;
  message.id =
      fmt::format("{}@{}", mail.id.to_string(), options_.from.substr(options_.from.find('@') + 1));
  message.date_us = now_us();
  message.from_name = kSender;
  message.from = options_.from;
  message.to_name = mail.name;
  message.to = mail.address;
  message.language = mail.language;
  message.subject = std::move(text.subject);
  message.text = std::move(text.text);
  message.html = std::move(text.html);
  return message;
}

pg::Result<Outbox::End> Outbox::attempt(pg::Connection& db, const Mail& mail) {
  if (!mail.has_recipient()) return End{"dropped", "dropped"};
  if (mail.expired) return End{"dead", "expired", "not sent while it was of use"};
  // Also where every attempt ended the worker.
  if (mail.attempts > kMailAttemptsMax)
    return End{"dead", "given_up", "the last attempt never ended"};
  if (find_kind(mail.kind) == nullptr) return End{"dead", "refused", "of no kind known here"};
  const std::int64_t begun_us = monotonic_us();
  const auto link = make_link(db, mail);
  if (!link) return std::unexpected(link.error());
  if (!*link) return End{"dropped", "dropped"};
  const Message message = write(mail, **link);
  // Who was held up until another may have taken the mail leaves it to them.
  if (monotonic_us() - begun_us > (kMailLease_s * 1'000 - kSmtpTimeout_ms) * 1'000)
    return End{"pending", "later", "held up"};
  Attempt sent = transport_.send(message);
  switch (sent.delivery) {
    case Delivery::accepted:
      return End{"sent", "sent"};
    case Delivery::refused:
      return End{"dead", "refused", std::move(sent.detail)};
    case Delivery::later:
      break;
  }
  if (mail.attempts >= kMailAttemptsMax) return End{"dead", "given_up", std::move(sent.detail)};
  return End{"pending", "later", std::move(sent.detail)};
}

pg::Result<bool> Outbox::step(pg::Connection& db) {
  const auto claimed = db.query(queries::mail::claim, pg::Params().add(kMailLease_s));
  if (!claimed) return std::unexpected(claimed.error());
  if (claimed->empty()) return false;
  const Mail mail(*claimed);
  const auto end = attempt(db, mail);
  if (!end) return std::unexpected(end.error());
  count(mail.kind, end->outcome);
  if (end->error)
    log::warn("mail not sent", {{"instapay.mail.id", mail.id.to_string()},
                                {"instapay.mail.kind", mail.kind},
                                {"instapay.mail.attempts", mail.attempts},
                                {"event.outcome", end->outcome},
                                {"error.message", *end->error}});
  pg::Params params;
  params.add(mail.id).add(static_cast<std::int32_t>(mail.attempts)).add(end->state);
  params.add(end->error).add(end->state == "pending" ? retry_after_s(mail.attempts) : 0);
  const auto finished = db.query(queries::mail::finish, params);
  if (!finished) return std::unexpected(finished.error());
  return true;
}

OutboxWorker::OutboxWorker(pg::ConnectOptions database, OutboxOptions options,
                           std::unique_ptr<Transport> transport)
    : OutboxWorker(std::move(database), std::move(options), *transport) {
  own_transport_ = std::move(transport);
}

OutboxWorker::OutboxWorker(pg::ConnectOptions database, OutboxOptions options, Transport& transport)
    : outbox_(std::move(options), transport),
      poller_(std::move(database),
              {.thread = "mail",
               .application = "instapay mail",
               .complaint = "cannot read the outbox of mails"},
              [this](pg::Connection& db) { return step(db); }) {}

pg::Result<bool> OutboxWorker::step(pg::Connection& db) {
  if (auto tended = tend(db); !tended) return std::unexpected(tended.error());
  return outbox_.step(db);
}

// Makes mails of what happened to schedules, mandates and requests, and of days; whether there may
// be more.
pg::Result<bool> OutboxWorker::gather(pg::Connection& db) {
  const auto notices = db.query(queries::mail::gather_notices, pg::Params().add(kNoticesGathered));
  if (!notices) return std::unexpected(notices.error());
  const auto draws = db.query(queries::mail::gather_draws, pg::Params().add(kNoticesGathered));
  if (!draws) return std::unexpected(draws.error());
  const auto requests =
      db.query(queries::mail::gather_requests, pg::Params().add(kRequestEventsGathered));
  if (!requests) return std::unexpected(requests.error());
  const auto summaries =
      db.query(queries::mail::gather_summaries, pg::Params().add(kSummariesGathered));
  if (!summaries) return std::unexpected(summaries.error());
  return notices->front().gathered == kNoticesGathered ||
         draws->front().gathered == kNoticesGathered ||
         requests->front().seen == kRequestEventsGathered ||
         summaries->front().seen == kSummariesGathered;
}

pg::Result<void> OutboxWorker::tend(pg::Connection& db) {
  const std::int64_t now = monotonic_us();
  if (now >= watch_at_us_) {
    const auto state = db.query(queries::mail::watch);
    if (!state) return std::unexpected(state.error());
    watch_at_us_ = now + kWatchEvery_us;
    publish(state->int64(0, 0), state->int64(0, 1));
    const auto more = gather(db);
    if (!more) return std::unexpected(more.error());
    if (*more) watch_at_us_ = now;
  }
  if (now >= purge_at_us_) {
    const auto purged = db.query(queries::mail::purge, pg::Params().add(kPurgeRows));
    if (!purged) return std::unexpected(purged.error());
    const bool is_done = purged->int64(0, 0) < kPurgeRows && purged->int64(0, 1) < kPurgeRows;
    purge_at_us_ = now + (is_done ? kPurgeEvery_us : kWatchEvery_us);
  }
  return {};
}

}  // namespace instapay::mail
