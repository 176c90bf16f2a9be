-- list_entries.sql with filters. A statement of its own: with them the planner takes the page for so
-- costly that it plans it anew each time.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name
FROM (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND transfer_id < $2::uuid
    AND transfer_id >= $3::uuid
    AND ($4::smallint = 0 OR (amount > 0) = ($4::smallint > 0))
    AND ($5::text IS NULL OR note ILIKE $5::text OR counterparty_id IN (
          SELECT id FROM users WHERE username ILIKE $5::text OR display_name ILIKE $5::text))
    AND ($6::bigint IS NULL OR abs(amount) >= $6::bigint)
    AND ($7::bigint IS NULL OR abs(amount) <= $7::bigint)
  ORDER BY transfer_id DESC
  LIMIT $8::integer
) e
LEFT JOIN users u ON u.id = e.counterparty_id
ORDER BY e.transfer_id DESC
