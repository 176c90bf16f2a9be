-- Ends an attempt, unless another worker has taken the push meanwhile, or its browser has gone. $5: seconds until the next,
-- when the push stays pending.
-- row: subscription_id uuid
WITH done AS (
  UPDATE push_outbox
  SET state = $3::text, last_error = $4::text,
      finished_at = CASE WHEN $3 <> 'pending' THEN now() END,
      next_attempt_at = now() + $5::integer * interval '1 second'
  WHERE id = $1::bigint AND attempts = $2::integer AND state = 'pending'
  RETURNING subscription_id, state
), reached AS (
  UPDATE push_subscriptions s SET last_success_at = now() FROM done d WHERE d.state = 'sent' AND s.id = d.subscription_id
)
SELECT subscription_id FROM done
