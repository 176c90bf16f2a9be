-- The PIN of session $2 of user $1, in place of the one there was: hash $4 under key $3. $6 describes the device for the
-- notice, which is mailed where mail is sent ($7). Only while the user's factors have the version $5 and the session goes
-- on. IP015: the session has shown no second factor just now.
-- row: session_id uuid
WITH owner AS (
  SELECT u.id FROM users u
  WHERE u.id = $1::uuid AND u.factor_version = $5::bigint AND u.factor_since IS NOT NULL
  FOR SHARE
), session AS (
  SELECT s.id, o.id AS user_id
  FROM owner o
  JOIN sessions s ON s.user_id = o.id
  WHERE s.id = $2::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
  FOR SHARE OF s
), pin AS (
  INSERT INTO session_pins (session_id, user_id, id, key_id, sealed_hash)
  SELECT id, user_id, gen_random_uuid(), $3::bytea, $4::bytea FROM session
  ON CONFLICT (session_id) DO UPDATE
  SET id = excluded.id, key_id = excluded.key_id, sealed_hash = excluded.sealed_hash, failures = 0, misses = 0,
      set_at = now(), last_used_at = NULL, proven_at = NULL, locked_at = NULL
  RETURNING session_id, user_id
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT user_id, 'pin_set', $6::text FROM pin
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'pin_set/' || gen_random_uuid(), 'pin_set', user_id, $6, now() + interval '7 days'
  FROM pin
  WHERE $7::boolean
)
SELECT session_id FROM pin
