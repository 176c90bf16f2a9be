-- The entries of a batch, wherever they lie: the block ranges that may hold some (BRIN), and those that
-- are not summarized yet.
SELECT account_id, idempotency_key, request_hash, transfer_id, counterparty_id, -amount,
       balance_after, created_at, kind, refund_of, note, chain_id, batch_seq, position
FROM entries
WHERE chain_id = $1::integer AND batch_seq = $2::bigint
