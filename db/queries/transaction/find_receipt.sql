-- Where a transfer stands in the chain, by its payer's entry. ctid is where that lies.
-- row: account_id uuid, counterparty_id uuid, position integer, ctid tid, chain_id integer, seq bigint,
--      prev_hash bytea, merkle_root bytea, transfer_count integer, committed_at timestamptz, secret bytea?, hash bytea
SELECT e.account_id, e.counterparty_id, e.position, e.ctid, b.chain_id, b.seq, b.prev_hash,
       b.merkle_root, b.transfer_count, b.committed_at, b.secret, b.hash
FROM entries e
JOIN ledger_batches b ON b.chain_id = e.chain_id AND b.seq = e.batch_seq AND NOT b.void
WHERE e.transfer_id = $1::uuid AND e.amount < 0
