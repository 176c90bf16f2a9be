-- Of a chain's batches from $2 to $3, what their entries are checked against.
SELECT seq, merkle_root, secret, transfer_count
FROM ledger_batches
WHERE chain_id = $1::integer AND seq BETWEEN $2::bigint AND $3::bigint AND NOT void
