-- list_entries.sql with filters. A statement of its own: with them the planner takes the page for so
-- costly that it plans it anew each time.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, e.seq,
       CASE WHEN e.kind = 1 THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference
FROM (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND seq < $2::bigint
    AND seq > (SELECT CASE WHEN $3::timestamptz IS NULL THEN 0
                           ELSE entries_before($1::uuid, $3::timestamptz) END)
    AND seq <= (SELECT CASE WHEN $4::timestamptz IS NULL THEN 9223372036854775807
                            ELSE entries_before($1::uuid, $4::timestamptz) END)
    AND amount <> 0
    AND ($5::smallint = 0 OR (amount > 0) = ($5::smallint > 0))
    AND ($6::text IS NULL OR note ILIKE $6::text OR counterparty_id IN (
          SELECT id FROM users WHERE username ILIKE $6::text OR display_name ILIKE $6::text))
    AND ($7::bigint IS NULL OR abs(amount) >= $7::bigint)
    AND ($8::bigint IS NULL OR abs(amount) <= $8::bigint)
    AND ($9::uuid IS NULL OR counterparty_id = $9::uuid)
  ORDER BY seq DESC
  LIMIT $10::integer
) e
LEFT JOIN users u ON u.id = e.counterparty_id
ORDER BY e.seq DESC
