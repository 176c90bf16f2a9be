-- Who joined from $1 to $2 (exclusive), by period; $3: the beginnings of the periods.
SELECT width_bucket(created_at, $3::timestamptz[]) - 1, count(*)
FROM users
WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz
GROUP BY 1
