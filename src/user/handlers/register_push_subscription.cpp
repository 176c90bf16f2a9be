#include "auth/base64url.h"
#include "core/fields.h"
#include "core/time.h"
#include "push/encryption.h"
#include "push/vapid.h"
#include "user/handlers/handlers.h"
#include "user/push_subscriptions.h"

namespace instapay::user {
namespace {

constexpr std::size_t kKeyMax_chars = 128;

// What a browser's PushSubscription holds; bytes are raw.
struct Browser {
  std::string endpoint, p256dh, auth, vapid_kid;
};

std::string read_key(Fields& fields, std::string_view name, bool (*is_good)(std::string_view),
                     std::string_view what) {
  const std::string text = fields.text(name, {.max_chars = kKeyMax_chars});
  auto bytes = auth::base64url_decode(text);
  if (!fields.has_error(name) && (!bytes || !is_good(*bytes)))
    fields.add_error(name, "invalid_format", std::string(what));
  return bytes.value_or("");
}

Result<Browser> read_browser(const Service& service, const Json& body) {
  // What the browser made, as it is: it may have more.
  Fields fields(body);
  fields.ignore_others();
  FieldErrors errors;
  Browser browser;
  browser.endpoint = fields.text("endpoint", {.max_chars = push::kEndpointMax_bytes});
  if (!fields.has_error("endpoint") && !service.config.push_hosts.check(browser.endpoint))
    fields.add_error("endpoint", "not_allowed",
                     "endpoint must be the https address of a push service that is known here.");
  // Which replica offered it does not matter: one that knows the key takes it.
  const auto key = fields.optional_text("applicationServerKey", {.max_chars = kKeyMax_chars});
  browser.vapid_kid = key ? service.vapid.kid_of(*key).value_or("") : service.vapid.kid();
  if (!fields.has_error("applicationServerKey") && browser.vapid_kid.empty())
    fields.add_error("applicationServerKey", "not_allowed",
                     "applicationServerKey must be a key that browsers subscribe with here.");
  const Json* given = fields.object("keys");
  fields.finish_into(errors);
  if (given != nullptr) {
    Fields keys(*given, "keys.");
    keys.ignore_others();
    browser.p256dh = read_key(keys, "p256dh", push::is_p256_point,
                              "p256dh must be a point of P-256, uncompressed, in base64url.");
    browser.auth = read_key(
        keys, "auth",
        [](std::string_view bytes) { return bytes.size() == push::kAuthSecret_bytes; },
        "auth must be 16 bytes in base64url.");
    keys.finish_into(errors);
  }
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return browser;
}

}  // namespace

net::Reply register_push_subscription(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto browser = read_browser(service, *body);
  if (!browser) co_return fail(browser.error());
  const net::Principal& who = *request.principal;
  pg::Params params;
  params.add(Uuid::v7(now_us())).add(who.user_id).add(who.session_id).add(browser->endpoint);
  params.add_bytes(browser->p256dh).add_bytes(browser->auth).add(browser->vapid_kid);
  const auto rows = co_await service.db.query(queries::user::register_push, std::move(params));
  if (!rows && rows.error().constraint == "push_subscriptions_keys")
    co_return fail_field("endpoint", "taken", "endpoint is of another browser.");
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::token_revoked, "This session has ended.");
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  write_push_subscription(json, rows->front(), who.session_id);
  co_return response;
}

}  // namespace instapay::user
