-- Ends an attempt, unless another worker has taken the mail meanwhile. $5: seconds until the next, when the mail
-- stays pending.
UPDATE mail_outbox
SET state = $3::text, last_error = $4::text,
    finished_at = CASE WHEN $3 <> 'pending' THEN now() END,
    next_attempt_at = now() + $5::integer * interval '1 second'
WHERE id = $1::uuid AND attempts = $2::integer AND state = 'pending'
RETURNING id
