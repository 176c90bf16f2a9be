INSERT INTO report_sums AS s (minutes, begins_at, kind, transfers, amount)
SELECT more.minutes, more.begins_at, more.kind, more.transfers, more.amount::numeric
FROM unnest($1::integer[], $2::timestamptz[], $3::smallint[], $4::bigint[], $5::text[])
     AS more (minutes, begins_at, kind, transfers, amount)
ON CONFLICT (minutes, begins_at, kind) DO UPDATE
SET transfers = s.transfers + excluded.transfers, amount = s.amount + excluded.amount
