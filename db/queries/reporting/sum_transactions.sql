-- What happened from $1 to $2 (exclusive), by period and kind; $3: the beginnings of the periods, the first of
-- them $1. Every transfer has two entries: its payer's is the one that counts. Where buckets fit, they say it
-- ($4 to $6: runs of them); beside them ($7, $8) and in batches that are not folded yet, of which there may be
-- $9 transfers, entries do. One statement, so that each is counted once.
SELECT width_bucket(at, $3::timestamptz[]) - 1, kind, sum(transfers)::bigint, sum(amount)::text
FROM (
  SELECT s.begins_at AS at, s.kind, s.transfers, s.amount
  FROM unnest($4::integer[], $5::timestamptz[], $6::timestamptz[]) AS run (minutes, begins_at, ends_at)
  CROSS JOIN LATERAL (
    SELECT *
    FROM report_sums
    WHERE minutes = run.minutes AND begins_at >= run.begins_at AND begins_at < run.ends_at
    OFFSET 0 -- a probe of the index for each run, never a join by length
  ) s
  WHERE s.amount > 0
  UNION ALL
  SELECT created_at, kind, 1, -amount
  FROM open_entries($9::bigint)
  WHERE amount < 0 AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
  UNION ALL
  SELECT e.created_at, e.kind, 1, -e.amount
  FROM unnest($7::timestamptz[], $8::timestamptz[]) AS edge (begins_at, ends_at)
  CROSS JOIN LATERAL folded_entries(edge.begins_at, edge.ends_at) e
  WHERE e.amount < 0
) facts
GROUP BY 1, 2
