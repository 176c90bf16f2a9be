-- Where a transfer, as an account sees it, stands in the chain. ctid is where its row lies.
SELECT e.account_id, e.amount < 0, e.position, e.ctid, b.chain_id, b.seq, b.prev_hash,
       b.merkle_root, b.transfer_count, b.committed_at, b.secret, b.hash
FROM entries e
JOIN ledger_batches b ON b.chain_id = e.chain_id AND b.seq = e.batch_seq AND NOT b.void
WHERE e.account_id = $1::uuid AND e.transfer_id = $2::uuid
