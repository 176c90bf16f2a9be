-- What fits of one account's next $10 entries below the number $2, newest first, for operators: a walk along its
-- primary key; how many these were, and the last one's number. One row at least.
WITH walked AS MATERIALIZED (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND seq < $2::bigint
    AND seq > (SELECT entries_before($1::uuid, $3::timestamptz))
    AND seq <= (SELECT entries_before($1::uuid, $4::timestamptz))
  ORDER BY seq DESC
  LIMIT $10::integer
), page AS MATERIALIZED (
  SELECT *
  FROM walked
  WHERE amount <> 0
    AND ($5::smallint IS NULL OR kind = $5::smallint)
    AND ($6::text IS NULL OR note ILIKE $6::text)
    AND ($7::bigint IS NULL OR abs(amount) >= $7::bigint)
    AND ($8::bigint IS NULL OR abs(amount) <= $8::bigint)
  ORDER BY seq DESC
  LIMIT $9::integer
)
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference, e.seq, w.walked, w.reached
FROM (SELECT count(*) AS walked, min(seq) AS reached FROM walked) w
LEFT JOIN page e ON true
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.seq DESC
