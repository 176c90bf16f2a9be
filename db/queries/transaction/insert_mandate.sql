-- No row: the key stands for another creation already.
-- row: none
INSERT INTO mandates (id, payer_id, payee_id, per_draw, per_month, note, expires_at, idempotency_key, request_hash)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::bigint, $6::text, $7::timestamptz, $8::bytea, $9::bytea)
ON CONFLICT (payee_id, idempotency_key) DO NOTHING
