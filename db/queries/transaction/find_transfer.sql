-- One transfer for an operator, who need not know its accounts. The id tells the time, and the
-- BRIN index on created_at finds the few blocks of that moment.
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name
FROM entries e
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
WHERE e.transfer_id = $1::uuid AND e.amount < 0
  AND e.created_at >= $2::timestamptz AND e.created_at < $2::timestamptz + interval '1 millisecond'
