-- row: large_payment_from bigint?, money_in boolean, requests boolean, daily_summary boolean, time_zone text
SELECT large_payment_from, money_in, requests, daily_summary, time_zone
FROM notice_settings
WHERE user_id = $1::uuid
