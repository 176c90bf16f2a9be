-- Both sides of each transfer come out of one row here: a pair cannot fail to balance.
INSERT INTO entries (account_id, counterparty_id, amount, balance_after, idempotency_key,
                     request_hash, transfer_id, refund_of, created_at, batch_seq, chain_id,
                     position, kind, note)
SELECT side.account_id, side.counterparty_id, side.amount, side.balance_after,
       side.idempotency_key, side.request_hash, t.id, t.refund_of, t.created_at, $1::bigint,
       $2::integer, t.position - 1, t.kind, t.note
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::timestamptz[], $10::smallint[], $11::uuid[], $12::bytea[], $13::bytea[],
            $14::text[])
     WITH ORDINALITY AS t (id, payer, payee, amount, payer_balance, payee_balance, created_at,
                           kind, refund_of, idempotency_key, request_hash, note, position)
CROSS JOIN LATERAL (
  VALUES (t.payer, t.payee, -t.amount, t.payer_balance, t.idempotency_key, t.request_hash),
         (t.payee, t.payer, t.amount, t.payee_balance, NULL, NULL)
) AS side (account_id, counterparty_id, amount, balance_after, idempotency_key, request_hash)
