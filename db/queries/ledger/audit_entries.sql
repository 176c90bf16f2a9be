-- In the order of the heap, which is nearly that of the batches: no sort, whatever the size.
-- row: like batch_entries
DECLARE audit_entries NO SCROLL CURSOR FOR
SELECT account_id, transfer_id, counterparty_id, refund_of, reference, actor_id, seq, counterparty_seq, amount,
       balance_after, held_after, held_change, sent_today, created_at, batch_seq, chain_id, position, kind,
       idempotency_key, request_hash, refused_items, change, note, note_hash
FROM entries
