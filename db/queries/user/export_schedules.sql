-- What somebody has planned to pay, after the one of $2, oldest first.
SELECT id, payer_id, payee_id, payee_username, payee_name, amount, note, repeats, every, starts, time_zone, ends_on,
       last_number, state, next_number, next_at, first_at, created_at, ended_at, end_reason, waiting_number, waiting_due_at,
       waiting_try_at, waiting_amount, waiting_refusal
FROM schedule_details
WHERE payer_id = $1::uuid AND id > $2::uuid
ORDER BY id
LIMIT 500
