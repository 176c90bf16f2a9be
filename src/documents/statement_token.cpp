#include "documents/statement_token.h"

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "auth/jws.h"
#include "core/json.h"
#include "core/sha256.h"
#include "core/time.h"

namespace instapay::documents {
namespace {

constexpr std::string_view kType = "statement+jwt";
constexpr std::int64_t kVersion = 1;

}  // namespace

std::string statement_token(const Statement& statement, std::string_view csv,
                            const auth::SigningKeys& keys) {
  std::string payload;
  JsonWriter json(payload);
  json.begin_object().field("iss", auth::kIssuer);
  json.field("iat", statement.read.utc_us / kSecond_us).field("version", kVersion);
  json.field("holder", masked_name(statement.holder));
  json.field("start", statement.start).field("end", statement.end).field("tz", statement.tz);
  json.field("currency", statement.currency.code);
  json.field("opening", format_amount(statement.opening_minor, statement.currency));
  json.field("closing", format_amount(statement.closing_minor, statement.currency));
  json.field("entries", static_cast<std::int64_t>(statement.entries.size()));
  json.field("sha256", auth::base64url_encode(sha256(csv)));
  json.end_object();
  return auth::sign_jws(payload, kType, keys);
}

}  // namespace instapay::documents
