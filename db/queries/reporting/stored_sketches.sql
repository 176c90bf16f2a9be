SELECT minutes, begins_at, amounts, users
FROM report_sketches
WHERE minutes = ANY ($1::integer[]) AND begins_at >= $2::timestamptz AND begins_at < $3::timestamptz
