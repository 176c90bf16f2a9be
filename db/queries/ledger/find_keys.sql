-- The transfers that idempotency keys stand for already.
SELECT e.account_id, e.idempotency_key, e.request_hash, e.transfer_id, e.counterparty_id,
       -e.amount, e.balance_after, e.created_at, e.kind, e.refund_of, e.note, e.chain_id,
       e.batch_seq, e.position
FROM unnest($1::uuid[], $2::bytea[]) AS k (account_id, idempotency_key)
JOIN entries e ON e.account_id = k.account_id AND e.idempotency_key = k.idempotency_key
