-- Refusals and holds rely on these accounts being as they were read: ends with IP001 when one's last entry is another.
-- row: checked bigint
SELECT require_rows(
  (SELECT count(*)
   FROM unnest($1::uuid[], $2::bigint[]) AS v (id, seq)
   WHERE v.seq = coalesce((SELECT max(e.seq) FROM entries e WHERE e.account_id = v.id), 0)),
  cardinality($1)) AS checked
