DECLARE audit_batches NO SCROLL CURSOR FOR
SELECT chain_id, seq, prev_hash, merkle_root, hash, transfer_count, void, committed_at, secret
FROM ledger_batches ORDER BY chain_id, seq
