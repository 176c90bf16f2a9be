-- What the key of a creation stands for already.
-- row: id uuid, request_hash bytea
SELECT id, request_hash
FROM mandates
WHERE payee_id = $1::uuid AND idempotency_key = $2::bytea
