-- What the indexes of transfer_search find below the id $1 (find_transfers() in db/migrations/0005_search.sql),
-- newest first, for operators; and its outcome. One row at least.
WITH found AS MATERIALIZED (
  SELECT * FROM find_transfers($1::uuid, $2::timestamptz, $3::timestamptz, $4::smallint, $5::text, $6::bigint,
                               $7::bigint, $11::uuid, $8::integer, $9::integer, $10::integer)
), page AS MATERIALIZED (
  SELECT e.*
  FROM found
  CROSS JOIN LATERAL unnest(found.ids) AS id
  CROSS JOIN LATERAL (SELECT * FROM entries WHERE transfer_id = id AND amount < 0) e
)
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference, found.outcome
FROM found
LEFT JOIN page e ON true
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.transfer_id DESC
