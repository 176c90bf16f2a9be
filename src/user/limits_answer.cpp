#include "user/limits_answer.h"

#include <algorithm>

#include "core/time.h"
#include "ledger/domain/units.h"

namespace instapay::user {
namespace {

// A limit of an account counts even when it is zero; the platform's zero means none.
std::optional<std::int64_t> effective(std::optional<std::int64_t> own, std::int64_t platform) {
  if (own) return own;
  return platform > 0 ? std::optional(platform) : std::nullopt;
}

}  // namespace

pg::Params limits_params(const Uuid& user) {
  pg::Params params;
  params.add(user).add_time(ledger::day_of({now_us()}).begins().us);
  return params;
}

net::Response limits_answer(const Config& config, const pg::Rows& rows) {
  const ledger::Day today = ledger::day_of({now_us()});
  const auto per_transfer = effective(rows.optional_int64(0, 1), config.transfer_limit_minor);
  const auto per_day = effective(rows.optional_int64(0, 2), config.daily_limit_minor);
  const std::int64_t used_minor = rows.int64(0, 3);
  std::optional<std::int64_t> unverified_per_day;
  if (!rows.boolean(0, 4) && config.unverified_daily_limit_minor > 0)
    unverified_per_day = config.unverified_daily_limit_minor;
  std::optional<std::int64_t> left;
  for (const auto& limit : {per_day, unverified_per_day})
    if (limit)
      left = std::min(left.value_or(*limit), std::max<std::int64_t>(*limit - used_minor, 0));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("userId", rows.uuid(0, 0));
  json.field("currency", config.currency.code);
  json.key("perTransfer").amount_or_null(per_transfer, config.currency);
  json.key("perDay").amount_or_null(per_day, config.currency);
  json.key("unverifiedPerDay").amount_or_null(unverified_per_day, config.currency);
  json.key("usedToday").amount(used_minor, config.currency);
  json.key("leftToday").amount_or_null(left, config.currency);
  json.key("resetsAt").time(today.ends().us).end_object();
  return response;
}

}  // namespace instapay::user
