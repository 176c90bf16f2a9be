SELECT k.minutes, k.begins_at, k.amounts, k.users
FROM unnest($1::integer[], $2::timestamptz[]) AS wanted (minutes, begins_at)
JOIN report_sketches k ON k.minutes = wanted.minutes AND k.begins_at = wanted.begins_at
