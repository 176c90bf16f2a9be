-- One account's entries from $2 to $3 (exclusive), by period; $4: the beginnings of the periods.
SELECT greatest(width_bucket(created_at, $4::timestamptz[]) - 1, 0),
       count(*) FILTER (WHERE amount > 0),
       coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::text,
       count(*) FILTER (WHERE amount < 0),
       coalesce(sum(-amount) FILTER (WHERE amount < 0), 0)::text
FROM entries
WHERE account_id = $1::uuid
  AND seq > (SELECT entries_before($1::uuid, $2::timestamptz))
  AND seq <= (SELECT entries_before($1::uuid, $3::timestamptz))
GROUP BY 1
