-- No row: the key stands for another draw already.
-- row: none
INSERT INTO mandate_draws (id, mandate_id, payee_id, amount, due_on, note, idempotency_key, request_hash)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::text::date, $6::text, $7::bytea, $8::bytea)
ON CONFLICT (payee_id, idempotency_key) DO NOTHING
