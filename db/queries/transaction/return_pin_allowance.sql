-- row: done void
SELECT return_pin_allowance($1::uuid, $2::text::date, $3::bigint) AS done
