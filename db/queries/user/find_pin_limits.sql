-- What user $1 allows PINs, and what they have paid by them today.
-- row: per_payment bigint?, per_day bigint?, spent bigint
SELECT u.pin_per_payment AS per_payment, u.pin_per_day AS per_day, coalesce(d.spent, 0) AS spent
FROM users u
LEFT JOIN pin_days d ON d.user_id = u.id AND d.day = (now() AT TIME ZONE 'UTC')::date
WHERE u.id = $1::uuid
