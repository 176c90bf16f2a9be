-- What came in for a request, newest first: $1 who asks, $2 the request, $3 numbers below this.
SELECT e.transfer_id, e.counterparty_id, e.amount, e.balance_after, e.kind, e.note, e.created_at,
       e.refund_of, u.username, u.display_name, e.seq,
       (SELECT abs(coalesce(sum(x.amount), 0))::bigint FROM entries x
        WHERE x.account_id = e.account_id AND x.refund_of = e.transfer_id),
       e.reference
FROM entries e
LEFT JOIN users u ON u.id = e.counterparty_id
WHERE e.account_id = $1::uuid AND e.reference = $2::uuid AND e.amount > 0 AND e.kind = 1
  AND e.seq < $3::bigint
ORDER BY e.seq DESC
LIMIT $4::integer
