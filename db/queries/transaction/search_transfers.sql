-- A page of all transfers, newest first, for operators: of account $1, a walk along its primary
-- key; of everybody ($1 null), those of the payers in the blocks of a stretch of time. Only one of
-- the two halves ever runs.
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name
FROM (
  (SELECT *
   FROM entries
   WHERE account_id = $1::uuid
     AND transfer_id < $2::uuid AND transfer_id >= $3::uuid
     AND ($6::smallint IS NULL OR kind = $6::smallint)
     AND ($7::text IS NULL OR note ILIKE $7::text)
     AND ($8::bigint IS NULL OR abs(amount) >= $8::bigint)
     AND ($9::bigint IS NULL OR abs(amount) <= $9::bigint)
   ORDER BY transfer_id DESC
   LIMIT $10::integer)
  UNION ALL
  (SELECT *
   FROM entries
   WHERE $1::uuid IS NULL AND amount < 0
     AND created_at < $4::timestamptz AND created_at >= $5::timestamptz
     AND transfer_id < $2::uuid
     AND ($6::smallint IS NULL OR kind = $6::smallint)
     AND ($7::text IS NULL OR note ILIKE $7::text)
     AND ($8::bigint IS NULL OR -amount >= $8::bigint)
     AND ($9::bigint IS NULL OR -amount <= $9::bigint)
   ORDER BY transfer_id DESC
   LIMIT $10::integer)
) e
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.transfer_id DESC
