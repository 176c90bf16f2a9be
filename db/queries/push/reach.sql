-- A browser whose push service took a push.
-- row: none
UPDATE push_subscriptions SET last_success_at = now(), failures = 0 WHERE id = $1::uuid
