-- Runs in the transaction of what was approved (the ledger's prelude). From $3 on: what the passkey of $2 has signed of
-- it, if it has.
-- row: executed void, kept void
SELECT execute_approval($1::uuid, $2::uuid) AS executed,
       sign_approval($1, $2, 'approved', $3::uuid, $4::bigint, $5::boolean, $6::bytea, $7::text, $8::bytea, $9::bytea,
                     $10::bytea) AS kept
