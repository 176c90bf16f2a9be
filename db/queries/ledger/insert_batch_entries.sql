-- A batch: its row and its entries, sorted by account and number, in one statement. Sent alone it is a
-- transaction of its own.
-- row: none
WITH batch AS (
  INSERT INTO ledger_batches (chain_id, seq, prev_hash, merkle_root, hash, transfer_count, committed_at,
                              secret)
  VALUES ($1::integer, $2::bigint, $3::bytea, $4::bytea, $5::bytea, $6::integer, $7::timestamptz,
          $8::bytea)
)
INSERT INTO entries (account_id, transfer_id, counterparty_id, refund_of, reference, actor_id, seq,
                     counterparty_seq, amount, balance_after, held_after, held_change, sent_today,
                     created_at, batch_seq, chain_id, position, kind, idempotency_key, request_hash,
                     refused_items, change, note)
SELECT e.account_id, e.transfer_id, e.counterparty_id, e.refund_of, e.reference, e.actor_id, e.seq,
       e.counterparty_seq, e.amount, e.balance_after, e.held_after, nullif(e.held_change, 0), e.sent_today,
       e.created_at, $2, $1, e.position, e.kind, e.idempotency_key, e.request_hash, e.refused_items,
       e.change, e.note
FROM unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[],
            $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[],
            $21::bigint[], $22::timestamptz[], $23::integer[], $24::smallint[], $25::bytea[],
            $26::bytea[], $27::text[], $28::text[], $29::text[])
     AS e (account_id, transfer_id, counterparty_id, refund_of, reference, actor_id, seq,
           counterparty_seq, amount, balance_after, held_after, held_change, sent_today, created_at,
           position, kind, idempotency_key, request_hash, refused_items, change, note)
