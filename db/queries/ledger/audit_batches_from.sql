-- Of a chain's batches from $2 to $3, what their entries are checked against.
-- row: seq bigint, merkle_root bytea, secret bytea?, transfer_count integer
SELECT seq, merkle_root, secret, transfer_count
FROM ledger_batches
WHERE chain_id = $1::integer AND seq BETWEEN $2::bigint AND $3::bigint AND NOT void
