-- Ends the batch with IP001 unless the batches it was planned on are there, hash for hash.
SELECT require_rows(
  (SELECT count(*)
   FROM unnest($1::integer[], $2::bigint[], $3::bytea[]) AS basis (chain_id, seq, hash)
   JOIN ledger_batches b ON b.chain_id = basis.chain_id AND b.seq = basis.seq
    AND b.hash = basis.hash),
  cardinality($1))
