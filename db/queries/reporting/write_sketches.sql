INSERT INTO report_sketches (minutes, begins_at, amounts, users)
SELECT * FROM unnest($1::integer[], $2::timestamptz[], $3::bytea[], $4::bytea[])
ON CONFLICT (minutes, begins_at) DO UPDATE SET amounts = excluded.amounts, users = excluded.users
