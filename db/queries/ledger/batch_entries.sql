-- The entries of a batch that lie in these blocks: no index knows batches, but one statement wrote
-- them all, so they lie together (a Tid Range Scan).
-- row: account_id uuid, transfer_id uuid, counterparty_id uuid, refund_of uuid?, reference uuid?, actor_id uuid?,
--      seq bigint, counterparty_seq bigint, amount bigint, balance_after bigint, held_after bigint,
--      held_change bigint?, sent_today bigint, created_at timestamptz, batch_seq bigint, chain_id integer,
--      position integer, kind smallint, idempotency_key bytea?, request_hash bytea?, refused_items text?,
--      change text?, note text?, note_hash bytea?
SELECT account_id, transfer_id, counterparty_id, refund_of, reference, actor_id, seq, counterparty_seq, amount,
       balance_after, held_after, held_change, sent_today, created_at, batch_seq, chain_id, position, kind,
       idempotency_key, request_hash, refused_items, change, note, note_hash
FROM entries
WHERE ctid >= $3::text::tid AND ctid <= $4::text::tid
  AND chain_id = $1::integer AND batch_seq = $2::bigint
