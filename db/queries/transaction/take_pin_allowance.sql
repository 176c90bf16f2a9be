-- row: verdict text, day text
SELECT t.verdict, t.of_day::text AS day
FROM take_pin_allowance($1::uuid, $2::uuid, $3::bigint, $4::bigint, $5::bigint) AS t
