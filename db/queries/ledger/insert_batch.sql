INSERT INTO ledger_batches (chain_id, seq, prev_hash, merkle_root, hash, transfer_count, void,
                            committed_at, secret)
VALUES ($1::integer, $2::bigint, $3::bytea, $4::bytea, $5::bytea, $6::integer, $7::boolean,
        $8::timestamptz, CASE WHEN NOT $7 THEN $9::bytea END)
