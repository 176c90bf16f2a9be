-- The platform at a glance: transfers between people from $1 to $2 (exclusive), who took part in
-- one from $3 on, and what is in circulation now: all that the system accounts owe. Percentiles are amounts that occurred, never in between.
SELECT (SELECT count(*) FROM users),
       (SELECT count(DISTINCT account_id)
        FROM entries
        WHERE kind = 1 AND created_at >= $3::timestamptz AND created_at < $2::timestamptz),
       t.transfers, t.volume::text, t.amounts[1], t.amounts[2],
       (SELECT (-coalesce(sum(balance), 0))::text FROM account_states
        WHERE id IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'))
FROM (
  SELECT count(*) AS transfers, coalesce(sum(-amount), 0) AS volume,
         percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY -amount) AS amounts
  FROM entries
  WHERE kind = 1 AND amount < 0
    AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
) t
