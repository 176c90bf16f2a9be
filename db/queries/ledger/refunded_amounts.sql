-- For refunds asked by receivers: what was received, from whom, and what was given back so far.
SELECT r.account_id, r.transfer_id, e.counterparty_id, e.amount, e.kind,
       coalesce((SELECT -sum(x.amount) FROM entries x
                 WHERE x.account_id = r.account_id AND x.refund_of = r.transfer_id), 0)::bigint
FROM unnest($1::uuid[], $2::uuid[]) AS r (account_id, transfer_id)
JOIN entries e ON e.account_id = r.account_id AND e.transfer_id = r.transfer_id
