-- A page of one account's history, newest first: a walk along the primary key from the cursor ($2), between
-- the moments $3 and $4.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, e.seq,
       CASE WHEN e.kind IN (1, 8) THEN (
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
  ORDER BY seq DESC
  LIMIT $5::integer
) e
LEFT JOIN users u ON u.id = e.counterparty_id
ORDER BY e.seq DESC
