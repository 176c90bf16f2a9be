-- One account's entries from $4 to $5 (exclusive), by period; $6: the beginnings of the periods.
-- $2 and $3 are the ids of these moments: the part of the primary key to walk along.
SELECT width_bucket(created_at, $6::timestamptz[]) - 1,
       count(*) FILTER (WHERE amount > 0),
       coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,
       count(*) FILTER (WHERE amount < 0),
       coalesce(sum(-amount) FILTER (WHERE amount < 0), 0)::bigint
FROM entries
WHERE account_id = $1::uuid AND transfer_id >= $2::uuid AND transfer_id < $3::uuid
  AND created_at >= $4::timestamptz AND created_at < $5::timestamptz
GROUP BY 1
