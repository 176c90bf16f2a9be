-- With the version, so that the ledger notices.
UPDATE accounts a
SET transfer_limit = $2::bigint, daily_limit = $3::bigint, version = a.version + 1
FROM users u
WHERE a.id = $1::uuid AND u.id = a.id
RETURNING a.id, a.transfer_limit, a.daily_limit, a.sent_day, a.sent_today
