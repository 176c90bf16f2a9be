-- What an account got since an entry, oldest first.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name
FROM entries e
LEFT JOIN users u ON u.id = e.counterparty_id
WHERE e.account_id = $1::uuid AND e.transfer_id > $2::uuid
ORDER BY e.transfer_id
LIMIT 100
