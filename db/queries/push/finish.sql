-- Ends an attempt, unless another worker has taken the push meanwhile, or its browser has gone. $5: seconds until the next,
-- when the push stays pending. The row of its browser is left alone: who ends a session locks that one first, then this.
-- row: subscription_id uuid
UPDATE push_outbox
SET state = $3::text, last_error = $4::text,
    finished_at = CASE WHEN $3 <> 'pending' THEN now() END,
    next_attempt_at = now() + $5::integer * interval '1 second'
WHERE id = $1::bigint AND attempts = $2::integer AND state = 'pending'
RETURNING subscription_id
