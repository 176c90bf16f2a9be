-- Runs in the transaction of an adjustment that nobody approves (the ledger's prelude): $1 adjusts wallet $2 by $3 at
-- most $4 a day.
-- row: taken void
SELECT take_adjustment($1::uuid, $2::uuid, $3::bigint, $4::bigint) AS taken
