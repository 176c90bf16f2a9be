-- The same by period; $3: the beginnings of the periods.
WITH transfers AS (
  SELECT width_bucket(created_at, $3::timestamptz[]) - 1 AS period,
         count(DISTINCT account_id) AS active_users,
         count(*) FILTER (WHERE amount < 0) AS transfers,
         coalesce(sum(-amount) FILTER (WHERE amount < 0), 0) AS volume,
         percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY amount)
           FILTER (WHERE amount > 0) AS amounts
  FROM entries
  WHERE kind = 1 AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
  GROUP BY 1
), arrivals AS (
  SELECT width_bucket(created_at, $3) - 1 AS period, count(*) AS users
  FROM users
  WHERE created_at >= $1 AND created_at < $2
  GROUP BY 1
)
SELECT period, coalesce(t.active_users, 0), coalesce(t.transfers, 0), coalesce(t.volume, 0)::text,
       t.amounts[1], t.amounts[2], coalesce(a.users, 0)
FROM transfers t
FULL JOIN arrivals a USING (period)
