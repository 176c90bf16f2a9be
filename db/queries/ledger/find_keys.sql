-- What idempotency keys stand for already: the entry that bears the key, and of a request of many the
-- $3 - 1 entries after it, some of which may be of other requests.
-- row: like batch_entries, index bigint
SELECT e.account_id, e.transfer_id, e.counterparty_id, e.refund_of, e.reference, e.actor_id, e.seq, e.counterparty_seq, e.amount,
       e.balance_after, e.held_after, e.held_change, e.sent_today, e.created_at, e.batch_seq, e.chain_id, e.position, e.kind,
       e.idempotency_key, e.request_hash, e.refused_items, e.change, e.note, e.note_hash, k.index
FROM unnest($1::uuid[], $2::bytea[], $3::integer[]) WITH ORDINALITY AS k (principal, idempotency_key, orders, index)
JOIN entries first ON coalesce(first.actor_id, first.account_id) = k.principal
 AND first.idempotency_key = k.idempotency_key
JOIN entries e ON e.account_id = first.account_id AND e.seq >= first.seq AND e.seq < first.seq + k.orders
ORDER BY k.index, e.seq
