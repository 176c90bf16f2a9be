-- Refusals rely on these accounts being as they were read: ends with IP001 when one has a further entry.
SELECT require_rows(
  (SELECT count(*)
   FROM unnest($1::uuid[], $2::bigint[]) AS v (id, seq)
   WHERE NOT EXISTS (SELECT FROM entries e WHERE e.account_id = v.id AND e.seq = v.seq + 1)),
  cardinality($1))
