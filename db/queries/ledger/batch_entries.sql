-- The entries of a batch that lie in these blocks: no index knows batches, but one statement wrote
-- them all, so they lie together (a Tid Range Scan).
SELECT account_id, idempotency_key, request_hash, transfer_id, counterparty_id, -amount,
       balance_after, created_at, kind, refund_of, note, chain_id, batch_seq, position
FROM entries
WHERE ctid >= $3::text::tid AND ctid <= $4::text::tid
  AND chain_id = $1::integer AND batch_seq = $2::bigint
