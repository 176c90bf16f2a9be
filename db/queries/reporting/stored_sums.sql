SELECT minutes, begins_at, kind, transfers, amount::text
FROM report_sums
WHERE minutes = ANY ($1::integer[]) AND begins_at >= $2::timestamptz AND begins_at < $3::timestamptz
