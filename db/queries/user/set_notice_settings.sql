-- What is NULL stays, but for the amount $3, which is set where $2 says so. No row: the user was erased.
-- row: like find_notice_settings
INSERT INTO notice_settings AS s (user_id, large_payment_from, money_in, requests, daily_summary, time_zone)
SELECT u.id, $3::bigint, coalesce($4::boolean, false), coalesce($5::boolean, false), coalesce($6::boolean, false),
       coalesce($7::text, 'UTC')
FROM (SELECT id FROM users WHERE id = $1::uuid AND erased_at IS NULL FOR SHARE) u
ON CONFLICT (user_id) DO UPDATE
SET large_payment_from = CASE WHEN $2::boolean THEN excluded.large_payment_from ELSE s.large_payment_from END,
    money_in = coalesce($4::boolean, s.money_in), requests = coalesce($5::boolean, s.requests),
    daily_summary = coalesce($6::boolean, s.daily_summary), time_zone = coalesce($7::text, s.time_zone)
RETURNING s.large_payment_from, s.money_in, s.requests, s.daily_summary, s.time_zone
