-- row: chain_id integer, seq bigint, prev_hash bytea, merkle_root bytea, hash bytea, transfer_count integer,
--      is_void boolean, committed_at timestamptz, secret bytea?
DECLARE audit_batches NO SCROLL CURSOR FOR
SELECT chain_id, seq, prev_hash, merkle_root, hash, transfer_count, void AS is_void,
       committed_at, secret
FROM ledger_batches ORDER BY chain_id, seq
