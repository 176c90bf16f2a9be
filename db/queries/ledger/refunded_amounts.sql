-- For refunds asked by receivers: what was received, from whom, and what was given back so far. Read
-- after the account itself: a refund in between makes the write collide.
SELECT r.account_id, r.transfer_id, p.account_id, -p.amount, p.kind,
       coalesce((SELECT -sum(x.amount) FROM entries x
                 WHERE x.account_id = r.account_id AND x.refund_of = r.transfer_id), 0)::bigint
FROM unnest($1::uuid[], $2::uuid[]) AS r (account_id, transfer_id)
JOIN entries p ON p.transfer_id = r.transfer_id AND p.amount <= 0 AND p.counterparty_id = r.account_id
