-- What is NULL stays, but for the amount $3, which is set where $2 says so. No row: the user was erased.
-- row: like find_notice_settings
INSERT INTO notice_settings AS s (user_id, large_payment_from, money_in, requests, daily_summary, time_zone, push_money,
                                  push_requests, push_planned, push_amounts)
SELECT u.id, $3::bigint, coalesce($4::boolean, false), coalesce($5::boolean, false), coalesce($6::boolean, false),
       coalesce($7::text, 'UTC'), coalesce($8::boolean, true), coalesce($9::boolean, true), coalesce($10::boolean, true),
       coalesce($11::boolean, true)
FROM (SELECT id FROM users WHERE id = $1::uuid AND erased_at IS NULL FOR SHARE) u
ON CONFLICT (user_id) DO UPDATE
SET large_payment_from = CASE WHEN $2::boolean THEN excluded.large_payment_from ELSE s.large_payment_from END,
    money_in = coalesce($4::boolean, s.money_in), requests = coalesce($5::boolean, s.requests),
    daily_summary = coalesce($6::boolean, s.daily_summary), time_zone = coalesce($7::text, s.time_zone),
    push_money = coalesce($8::boolean, s.push_money), push_requests = coalesce($9::boolean, s.push_requests),
    push_planned = coalesce($10::boolean, s.push_planned), push_amounts = coalesce($11::boolean, s.push_amounts)
RETURNING s.large_payment_from, s.money_in, s.requests, s.daily_summary, s.time_zone, s.push_money, s.push_requests,
          s.push_planned, s.push_amounts
