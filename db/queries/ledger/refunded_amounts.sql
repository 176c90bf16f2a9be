-- For refunds asked by receivers: what was received, from whom, and what was given back so far. Read
-- after the account itself: a refund in between makes the write collide.
-- row: account_id uuid, transfer_id uuid, payer_id uuid, received bigint, kind smallint, refunded bigint
SELECT r.account_id, r.transfer_id, p.account_id AS payer_id, -p.amount AS received, p.kind,
       coalesce((SELECT -sum(x.amount) FROM entries x
                 WHERE x.account_id = r.account_id AND x.refund_of = r.transfer_id), 0)::bigint AS refunded
FROM unnest($1::uuid[], $2::uuid[]) AS r (account_id, transfer_id)
JOIN entries p ON p.transfer_id = r.transfer_id AND p.amount <= 0 AND p.counterparty_id = r.account_id
