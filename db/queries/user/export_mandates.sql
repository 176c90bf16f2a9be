-- What somebody may draw, and what others may draw from them, after the one of $2, oldest first.
SELECT id, payer_id, payer_username, payer_name, payee_id, payee_username, payee_name, per_draw, per_month, note, state,
       time_zone, created_at, accepted_at, expires_at, ended_at, end_reason, left_this_month, next_amount, next_due_at
FROM mandate_details
WHERE $1::uuid IN (payer_id, payee_id) AND id > $2::uuid
ORDER BY id
LIMIT 500
