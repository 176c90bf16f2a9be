-- Where no attempt is left, the PIN is locked and its owner told, once; $3 describes the device, and
-- with $4 a mail is sent.
-- row: session_id uuid
WITH locked AS (
  UPDATE session_pins SET locked_at = now(), proven_at = NULL
  WHERE session_id = $1::uuid AND id = $2::uuid AND (failures = 5 OR misses = 15) AND locked_at IS NULL
  RETURNING session_id, user_id
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT user_id, 'pin_locked', $3::text FROM locked
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'pin_locked/' || gen_random_uuid(), 'pin_locked', user_id, $3, now() + interval '7 days'
  FROM locked
  WHERE $4::boolean
)
SELECT session_id FROM locked
