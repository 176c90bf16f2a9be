-- From where it was read to stand: who was faster has taken those batches.
-- row: none
INSERT INTO push_chains AS p (chain_id, seq) VALUES ($1::integer, $3::bigint)
ON CONFLICT (chain_id) DO UPDATE SET seq = excluded.seq WHERE p.seq = $2::bigint
