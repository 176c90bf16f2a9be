-- What somebody has set aside for others, newest first.
-- row: like find_hold
SELECT id, payer_id, payer_username, payer_name, payee_id, payee_username, payee_name, amount, captured, captures, note, state,
       created_at, expires_at, ended_at
FROM hold_details
WHERE payer_id = $1::uuid
  AND ($2::uuid IS NULL OR id < $2::uuid)
  AND ($3::smallint IS NULL OR state = $3::smallint)
ORDER BY id DESC
LIMIT $4::integer
