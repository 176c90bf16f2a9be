-- No row: the key stands for another creation already.
INSERT INTO payment_requests (id, payee_id, payer_id, amount, note, expires_at, code, idempotency_key, request_hash)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::text, $6::timestamptz, $7::text, $8::bytea, $9::bytea)
ON CONFLICT (payee_id, idempotency_key) DO NOTHING
