-- A page of an account's entries, oldest first, events that move nothing included: those without who did it
-- and why, which are the operators' own.
SELECT e.seq, e.transfer_id, e.created_at, e.kind, e.amount, e.balance_after, e.counterparty_id,
       CASE WHEN e.kind <> 5 THEN c.username END, CASE WHEN e.kind <> 5 THEN e.note END, e.refund_of, e.change
FROM (
  SELECT * FROM entries WHERE account_id = $1::uuid AND seq > $2::bigint ORDER BY seq LIMIT 500
) e
LEFT JOIN users c ON c.id = e.counterparty_id
ORDER BY e.seq
