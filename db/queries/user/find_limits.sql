-- What was sent on the day that begins at $2 is told by the last entry that is not of a later day.
SELECT a.id, a.transfer_limit, a.daily_limit,
       coalesce((SELECT CASE WHEN e.created_at >= $2::timestamptz THEN e.sent_today ELSE 0 END
                 FROM entries e
                 WHERE e.account_id = a.id AND e.created_at < $2::timestamptz + interval '24 hours'
                 ORDER BY e.seq DESC
                 LIMIT 1), 0),
       u.email_verified_at IS NOT NULL
FROM accounts a
JOIN users u ON u.id = a.id
WHERE a.id = $1::uuid
