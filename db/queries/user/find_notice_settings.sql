-- row: large_payment_from bigint?, money_in boolean, requests boolean, daily_summary boolean, time_zone text,
--      push_money boolean, push_requests boolean, push_planned boolean, push_amounts boolean
SELECT large_payment_from, money_in, requests, daily_summary, time_zone, push_money, push_requests, push_planned, push_amounts
FROM notice_settings
WHERE user_id = $1::uuid
