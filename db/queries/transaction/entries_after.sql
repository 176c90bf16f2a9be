-- What an account got since an entry, oldest first.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, e.seq,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference
FROM entries e
LEFT JOIN users u ON u.id = e.counterparty_id
WHERE e.account_id = $1::uuid AND e.seq > $2::bigint AND e.amount <> 0
ORDER BY e.seq
LIMIT 100
