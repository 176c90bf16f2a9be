-- What fits of the next $9 transfers below the id $1 and from the id $10 on, newest first, for operators; how many
-- these were, and the last. One row at least.
WITH walked AS MATERIALIZED (
  SELECT *
  FROM entries
  WHERE amount <= 0 AND transfer_id < $1::uuid AND transfer_id >= $10::uuid
  ORDER BY transfer_id DESC
  LIMIT $9::integer
), page AS MATERIALIZED (
  SELECT *
  FROM walked
  WHERE amount < 0
    AND created_at >= $2::timestamptz AND created_at < $3::timestamptz
    AND ($4::smallint IS NULL OR kind = $4::smallint)
    AND ($5::text IS NULL OR note ILIKE $5::text)
    AND ($6::bigint IS NULL OR -amount >= $6::bigint)
    AND ($7::bigint IS NULL OR -amount <= $7::bigint)
    AND ($11::uuid IS NULL OR reference = $11::uuid)
  ORDER BY transfer_id DESC
  LIMIT $8::integer
)
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference, w.walked, w.reached
FROM (SELECT count(*) AS walked, (SELECT transfer_id FROM walked ORDER BY transfer_id LIMIT 1) AS reached
      FROM walked) w
LEFT JOIN page e ON true
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.transfer_id DESC
