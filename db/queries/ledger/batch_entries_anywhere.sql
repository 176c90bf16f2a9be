-- The entries of a batch, wherever they lie: the block ranges that may hold some (BRIN), and those that
-- are not summarized yet.
-- row: like batch_entries
SELECT account_id, transfer_id, counterparty_id, refund_of, reference, actor_id, seq, counterparty_seq, amount,
       balance_after, held_after, held_change, sent_today, created_at, batch_seq, chain_id, position, kind,
       idempotency_key, request_hash, refused_items, change, note, note_hash
FROM entries
WHERE chain_id = $1::integer AND batch_seq = $2::bigint
