-- One transfer, as its payer's entry tells; events of one account are nobody's to look up.
SELECT e.transfer_id, e.account_id, e.counterparty_id, e.amount, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, c.username, c.display_name,
       CASE WHEN e.kind IN (1, 8) THEN (
         SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
         WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id) ELSE 0 END,
       e.reference
FROM entries e
LEFT JOIN users u ON u.id = e.account_id
LEFT JOIN users c ON c.id = e.counterparty_id
WHERE e.transfer_id = $1::uuid AND e.amount < 0
