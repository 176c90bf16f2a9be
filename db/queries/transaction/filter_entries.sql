-- list_entries.sql with filters: what fits of the account's next $11 entries, how many these were, and the last
-- one's number. One row at least. Others are found by their names of today.
WITH walked AS MATERIALIZED (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND seq < $2::bigint
    AND seq > (SELECT CASE WHEN $3::timestamptz IS NULL THEN 0
                           ELSE entries_before($1::uuid, $3::timestamptz) END)
    AND seq <= (SELECT CASE WHEN $4::timestamptz IS NULL THEN 9223372036854775807
                            ELSE entries_before($1::uuid, $4::timestamptz) END)
  ORDER BY seq DESC
  LIMIT $11::integer
), page AS MATERIALIZED (
  SELECT e.*, u.username, u.display_name
  FROM walked e
  LEFT JOIN users u ON u.id = e.counterparty_id
  WHERE e.amount <> 0
    AND ($5::smallint = 0 OR (e.amount > 0) = ($5::smallint > 0))
    AND ($6::text IS NULL OR e.note ILIKE $6::text OR u.username ILIKE $6::text OR u.display_name ILIKE $6::text)
    AND ($7::bigint IS NULL OR abs(e.amount) >= $7::bigint)
    AND ($8::bigint IS NULL OR abs(e.amount) <= $8::bigint)
    AND ($9::uuid IS NULL OR e.counterparty_id = $9::uuid)
  ORDER BY e.seq DESC
  LIMIT $10::integer
)
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, e.username, e.display_name, e.seq,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference, w.walked, w.reached
FROM (SELECT count(*) AS walked, min(seq) AS reached FROM walked) w
LEFT JOIN page e ON true
ORDER BY e.seq DESC
