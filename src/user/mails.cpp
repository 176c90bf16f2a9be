#include "user/mails.h"

#include "core/time.h"
#include "net/json_body.h"

namespace instapay::user {
namespace {

constexpr std::string_view kLanguages[] = {"en", "ar"};

}  // namespace

Result<void> require_mail(const Service& service) {
  if (service.config.sends_mails()) return {};
  return fail(Code::mail_not_configured, "This installation sends no e-mail; ask its operator.");
}

Result<void> throttle_mail(Service& service, const auth::LoginAttempt& attempt) {
  const std::int64_t wait_s = service.mail_throttle.begin_attempt(attempt, monotonic_us());
  if (wait_s == 0) return {};
  return fail({.code = Code::rate_limited,
               .detail = "Too many e-mails were asked for; wait a little.",
               .retry_after_s = static_cast<int>(wait_s)});
}

std::unexpected<Error> link_invalid() {
  return fail(Code::link_invalid, "This link was used, or is too old; ask for a new one.");
}

Result<auth::TokenHash> read_link_token(const net::Request& request) {
  auto body = net::json_body(request);
  if (!body) return fail(std::move(body.error()));
  Fields fields(*body);
  const auto token = auth::hash_opaque_token(fields.secret("token"));
  if (auto error = fields.finish()) return fail(std::move(*error));
  if (!token) return link_invalid();
  return *token;
}

std::unexpected<Error> email_taken() {
  Error error{Code::email_taken, "An account with this e-mail address exists."};
  error.fields.push_back({"email", "email_taken", error.detail});
  return fail(std::move(error));
}

net::Response email_answer(std::string_view email) {
  net::Response response{200, "application/json"};
  JsonWriter(response.body).begin_object().field("email", email).end_object();
  return response;
}

std::optional<std::string> read_language(Fields& fields) {
  return fields.choice("language", kLanguages);
}

}  // namespace instapay::user
