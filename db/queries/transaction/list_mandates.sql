-- Somebody's mandates, newest first: as payer, as payee, or all; without proposals of those whom they have blocked.
-- row: like find_mandate
SELECT id, payer_id, payer_username, payer_name, payee_id, payee_username, payee_name, per_draw, per_month, note, state,
       time_zone, created_at, accepted_at, expires_at, ended_at, end_reason, left_this_month, next_amount, next_due_at
FROM mandate_details
WHERE ((payer_id = $1::uuid AND $5::boolean) OR (payee_id = $1::uuid AND $6::boolean))
  AND ($2::uuid IS NULL OR id < $2::uuid)
  AND ($3::smallint IS NULL OR state = $3::smallint)
  AND NOT (state = 0 AND payer_id = $1::uuid
           AND EXISTS (SELECT FROM request_blocks b WHERE b.user_id = $1::uuid AND b.blocked_id = payee_id))
ORDER BY id DESC
LIMIT $4::integer
