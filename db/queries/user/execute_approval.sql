-- Runs in the transaction of what was approved (the ledger's prelude).
-- row: executed void
SELECT execute_approval($1::uuid, $2::uuid) AS executed
