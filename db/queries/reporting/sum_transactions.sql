-- What happened from $1 to $2 (exclusive), by period and kind; $3: the beginnings of the periods.
-- Every transfer has two entries: its payer's is the one that counts.
SELECT width_bucket(created_at, $3::timestamptz[]) - 1, kind, count(*), sum(-amount)::text
FROM entries
WHERE amount < 0 AND created_at >= $1::timestamptz AND created_at < $2::timestamptz
GROUP BY 1, 2
