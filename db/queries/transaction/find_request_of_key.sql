-- What the key of a creation stands for already.
SELECT id, request_hash
FROM payment_requests
WHERE payee_id = $1::uuid AND idempotency_key = $2::bytea
