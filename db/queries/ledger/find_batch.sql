-- row: hash bytea
SELECT hash FROM ledger_batches WHERE chain_id = $1::integer AND seq = $2::bigint
