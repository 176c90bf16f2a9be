-- The mark that settles a lost COMMIT: what would have this number can never commit.
-- row: none
INSERT INTO ledger_batches (chain_id, seq, prev_hash, merkle_root, hash, transfer_count, void,
                            committed_at)
VALUES ($1::integer, $2::bigint, $3::bytea, $4::bytea, $5::bytea, 0, true, $6::timestamptz)
