-- Refusals rely on these accounts being as they were read: ends with IP001 when one is not.
SELECT require_rows(
  (SELECT count(*)
   FROM unnest($1::uuid[], $2::bigint[]) AS v (id, version)
   JOIN accounts a ON a.id = v.id AND a.version = v.version),
  cardinality($1))
