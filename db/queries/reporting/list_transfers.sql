-- Payments between people (transfers and captures) from $1 to $2 (exclusive), by period: buckets' sums, buckets' sketches, and single
-- transfers where no bucket says it, in no order (rows are wide). Parameters as in sum_transactions.sql.
SELECT width_bucket(at, $3::timestamptz[]) - 1, transfers, amount::text, amounts, users, payer, payee
FROM (
  SELECT s.begins_at AS at, s.transfers, s.amount, NULL::bytea AS amounts, NULL::bytea AS users, NULL::uuid AS payer,
         NULL::uuid AS payee
  FROM unnest($4::integer[], $5::timestamptz[], $6::timestamptz[]) AS run (minutes, begins_at, ends_at)
  CROSS JOIN LATERAL (
    SELECT *
    FROM report_sums
    WHERE minutes = run.minutes AND begins_at >= run.begins_at AND begins_at < run.ends_at AND kind IN (1, 8)
    OFFSET 0 -- a probe of the index for each run, never a join by length
  ) s
  UNION ALL
  SELECT k.begins_at, 0, 0, k.amounts, k.users, NULL, NULL
  FROM unnest($4::integer[], $5::timestamptz[], $6::timestamptz[]) AS run (minutes, begins_at, ends_at)
  CROSS JOIN LATERAL (
    SELECT *
    FROM report_sketches
    WHERE minutes = run.minutes AND begins_at >= run.begins_at AND begins_at < run.ends_at
    OFFSET 0
  ) k
  UNION ALL
  SELECT created_at, 1, -amount, NULL, NULL, account_id, counterparty_id
  FROM open_entries($9::bigint)
  WHERE kind IN (1, 8) AND amount < 0 AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
  UNION ALL
  SELECT e.created_at, 1, -e.amount, NULL, NULL, e.account_id, e.counterparty_id
  FROM unnest($7::timestamptz[], $8::timestamptz[]) AS edge (begins_at, ends_at)
  CROSS JOIN LATERAL folded_entries(edge.begins_at, edge.ends_at) e
  WHERE e.kind IN (1, 8) AND e.amount < 0
) facts
