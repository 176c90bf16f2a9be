#include "user/notice_settings.h"

namespace instapay::user {
namespace {

// What is mailed and pushed whatever the settings say.
constexpr std::string_view kAlways[] = {"new_device",      "password_changed", "email_changed",
                                        "app_added",       "passkey_added",    "passkey_removed",
                                        "factors_removed", "wallet_frozen",    "wallet_unfrozen",
                                        "wallet_closed",   "pin_set",          "pin_locked"};

}  // namespace

NoticeSettings default_notice_settings() {
  NoticeSettings settings;
  settings.time_zone = "UTC";
  settings.push_money = settings.push_requests = settings.push_planned = true;
  settings.push_amounts = true;
  return settings;
}

void write_notice_settings(JsonWriter& json, const NoticeSettings& settings, const Config& config) {
  json.key("largePaymentFrom").amount_or_null(settings.large_payment_from, config.currency);
  json.field("moneyIn", settings.money_in).field("requests", settings.requests);
  json.field("dailySummary", settings.daily_summary).field("timeZone", settings.time_zone);
  json.field("summaryHour", kSummaryHour).field("mails", config.sends_mails());
  json.field("pushMoney", settings.push_money).field("pushRequests", settings.push_requests);
  json.field("pushPlanned", settings.push_planned).field("pushAmounts", settings.push_amounts);
  json.key("always").begin_array();
  for (const std::string_view kind : kAlways) json.value(kind);
  json.end_array();
}

net::Response notice_settings_answer(const NoticeSettings& settings, const Config& config) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_notice_settings(json, settings, config);
  json.end_object();
  return response;
}

}  // namespace instapay::user
