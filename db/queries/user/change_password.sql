-- Ends the other sessions with it and, where mail is sent ($5), tells the user. A login with the old password that is under way right now is
-- not seen here; the caller ends those sessions with end_sessions.sql afterwards.
WITH changed AS (
  UPDATE users SET password_hash = $3::text, updated_at = now()
  WHERE id = $1::uuid AND password_hash = $2::text
  RETURNING id
), ended AS (
  UPDATE sessions s
  SET revoked_at = now()
  FROM changed c
  WHERE s.user_id = c.id AND s.revoked_at IS NULL AND ($4::uuid IS NULL OR s.id <> $4::uuid)
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT id, 'password_changed', '' FROM changed
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT $6::uuid, 'password_changed/' || $6::uuid, 'password_changed', c.id, now() + interval '7 days'
  FROM changed c
  WHERE $5::boolean
)
SELECT id FROM changed
