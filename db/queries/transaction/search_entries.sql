-- A page of one account's transfers, newest first, for operators: a walk along its primary key.
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind = 1 THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference, e.seq
FROM (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND seq < $2::bigint
    AND seq > (SELECT entries_before($1::uuid, $3::timestamptz))
    AND seq <= (SELECT entries_before($1::uuid, $4::timestamptz))
    AND amount <> 0
    AND ($5::smallint IS NULL OR kind = $5::smallint)
    AND ($6::text IS NULL OR note ILIKE $6::text)
    AND ($7::bigint IS NULL OR abs(amount) >= $7::bigint)
    AND ($8::bigint IS NULL OR abs(amount) <= $8::bigint)
  ORDER BY seq DESC
  LIMIT $9::integer
) e
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.seq DESC
