-- Transfers between people from $1 to $2 (exclusive), by period: buckets with their sketches, and single
-- transfers where no bucket says it. Parameters as in sum_transactions.sql.
SELECT width_bucket(at, $3::timestamptz[]) - 1, transfers, amount::text, amounts, users, payer, payee
FROM (
  SELECT s.begins_at AS at, s.transfers, s.amount, k.amounts, k.users, NULL::uuid AS payer, NULL::uuid AS payee
  FROM unnest($4::integer[], $5::timestamptz[], $6::timestamptz[]) AS run (minutes, begins_at, ends_at)
  CROSS JOIN LATERAL (
    SELECT *
    FROM report_sums
    WHERE minutes = run.minutes AND begins_at >= run.begins_at AND begins_at < run.ends_at AND kind = 1
    OFFSET 0 -- a probe of the index for each run, never a join by length
  ) s
  JOIN report_sketches k ON k.minutes = s.minutes AND k.begins_at = s.begins_at
  UNION ALL
  SELECT created_at, 1, -amount, NULL, NULL, account_id, counterparty_id
  FROM open_entries($9::bigint)
  WHERE kind = 1 AND amount < 0 AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
  UNION ALL
  SELECT e.created_at, 1, -e.amount, NULL, NULL, e.account_id, e.counterparty_id
  FROM unnest($7::timestamptz[], $8::timestamptz[]) AS edge (begins_at, ends_at)
  CROSS JOIN LATERAL folded_entries(edge.begins_at, edge.ends_at) e
  WHERE e.kind = 1 AND e.amount < 0
) facts
ORDER BY 1
