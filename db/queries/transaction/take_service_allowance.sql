-- row: verdict text, day text, allowed bigint?, remaining bigint?, asks_new_payees boolean
SELECT t.verdict, t.day::text AS day, t.allowed, t.remaining, t.asks_new_payees
FROM take_service_allowance($1::uuid, $2::bigint) AS t
