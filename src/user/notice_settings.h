#pragma once
// What somebody wants mails and pushes of (docs/decisions/0037, 0042).
#include "core/json.h"
#include "queries/user.h"
#include "user/service.h"

namespace instapay::user {

/// Of the reader's day; the database has the same (db/migrations/0025_notices.sql).
inline constexpr int kSummaryHour = 8;

using NoticeSettings = queries::user::FindNoticeSettingsRow;

/// As it is for who has said nothing.
NoticeSettings default_notice_settings();
/// The members of NoticeSettings; the caller opens and closes the object.
void write_notice_settings(JsonWriter& json, const NoticeSettings& settings, const Config& config);
net::Response notice_settings_answer(const NoticeSettings& settings, const Config& config);

}  // namespace instapay::user
