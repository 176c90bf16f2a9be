-- In the order of the heap, which is nearly that of the batches: no sort, whatever the size.
DECLARE audit_entries NO SCROLL CURSOR FOR
SELECT account_id, idempotency_key, request_hash, transfer_id, counterparty_id, -amount,
       balance_after, created_at, kind, refund_of, note, chain_id, batch_seq, position
FROM entries
