-- A page of one account's history, newest first: a walk along the primary key from the cursor.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name
FROM (
  SELECT *
  FROM entries
  WHERE account_id = $1::uuid
    AND transfer_id < $2::uuid
    AND transfer_id >= $3::uuid
  ORDER BY transfer_id DESC
  LIMIT $4::integer
) e
LEFT JOIN users u ON u.id = e.counterparty_id
ORDER BY e.transfer_id DESC
