-- A page of everybody's transfers, newest first, for operators: those of the payers in the blocks of a
-- stretch of time ($2 to $3), which BRIN finds.
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind = 1 THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference
FROM (
  SELECT *
  FROM entries
  WHERE amount < 0
    AND created_at >= $2::timestamptz AND created_at < $3::timestamptz
    AND transfer_id < $1::uuid
    AND ($4::smallint IS NULL OR kind = $4::smallint)
    AND ($5::text IS NULL OR note ILIKE $5::text)
    AND ($6::bigint IS NULL OR -amount >= $6::bigint)
    AND ($7::bigint IS NULL OR -amount <= $7::bigint)
  ORDER BY transfer_id DESC
  LIMIT $8::integer
) e
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.transfer_id DESC
