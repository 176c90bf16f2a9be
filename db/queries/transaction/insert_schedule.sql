-- No row: the key stands for another creation already.
-- row: none
INSERT INTO schedules (id, payer_id, payee_id, amount, note, repeats, every, starts, time_zone, ends_on, last_number,
                       idempotency_key, request_hash)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::text, $6::smallint, $7::integer, $8::text::timestamp, $9::text,
        $10::text::date, $11::integer, $12::bytea, $13::bytea)
ON CONFLICT (payer_id, idempotency_key) DO NOTHING
