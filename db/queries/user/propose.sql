-- Runs in the transaction of the control entry that tells of it (the ledger's prelude).
-- row: none
INSERT INTO approvals (id, kind, subject_id, beneficiary_id, payload, payload_hash, proposed_by, reason)
VALUES ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::bytea, $6::bytea, $7::uuid, $8::text)
