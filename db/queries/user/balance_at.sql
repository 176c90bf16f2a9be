-- What an account held before a moment ($2), or what it holds (null). No row: there is no such user.
SELECT u.id, coalesce(e.balance_after, 0), coalesce(e.held_after, 0), at.seq
FROM users u
CROSS JOIN LATERAL (
  SELECT CASE WHEN $2::timestamptz IS NULL
              THEN (SELECT coalesce(max(seq), 0) FROM entries WHERE account_id = u.id)
              ELSE entries_before(u.id, $2::timestamptz) END AS seq
) at
LEFT JOIN entries e ON e.account_id = u.id AND e.seq = at.seq
WHERE u.id = $1::uuid
