-- A split and its requests, all or none. No row: the key stands for another creation already.
-- row: none
WITH made AS (
  INSERT INTO splits (id, user_id, payment_id, mode, own_amount, own_shares, idempotency_key, request_hash)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::smallint, $5::bigint, $6::integer, $7::bytea, $8::bytea)
  ON CONFLICT (user_id, idempotency_key) DO NOTHING
  RETURNING id, user_id
), people AS (
  SELECT made.id AS split_id, made.user_id, person.*
  FROM made
  CROSS JOIN unnest($9::uuid[], $10::uuid[], $11::bigint[], $12::integer[])
    WITH ORDINALITY AS person (request_id, payer_id, amount, shares, place)
), asked AS (
  INSERT INTO payment_requests (id, payee_id, payer_id, amount, note, expires_at)
  SELECT request_id, user_id, payer_id, amount, $13::text, $14::timestamptz FROM people
)
INSERT INTO split_requests (request_id, split_id, position, shares)
SELECT request_id, split_id, place, nullif(shares, 0) FROM people
