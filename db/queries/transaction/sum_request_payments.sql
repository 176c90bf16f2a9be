-- How often a request was paid, how much, and how much of it was given back.
SELECT count(*), coalesce(sum(p.amount), 0)::text, coalesce(sum(back.amount), 0)::text
FROM entries p
LEFT JOIN LATERAL (
  SELECT -sum(x.amount) AS amount FROM entries x
  WHERE x.account_id = p.account_id AND x.refund_of = p.transfer_id
) AS back ON true
WHERE p.account_id = $1::uuid AND p.reference = $2::uuid AND p.amount > 0 AND p.kind = 1
