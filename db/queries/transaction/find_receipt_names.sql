-- Who $1 and $2 are, and what the clocks of zone $4 showed at $3, as if it were UTC.
-- row: payer text?, payee text?, paid_local timestamptz
SELECT (SELECT display_name FROM users WHERE id = $1::uuid) AS payer,
       (SELECT display_name FROM users WHERE id = $2::uuid) AS payee,
       ($3::timestamptz AT TIME ZONE $4::text) AT TIME ZONE 'UTC' AS paid_local
