-- From where it was read to stand: who was faster has folded those batches.
UPDATE report_chains
SET seq = $3::bigint, transfers = transfers + $4::bigint, entries = entries + $5::bigint,
    amount = amount + $6::text::numeric
WHERE chain_id = $1::integer AND seq = $2::bigint
