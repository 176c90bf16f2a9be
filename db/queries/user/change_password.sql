-- Ends the other sessions with it. A login with the old password that is under way right now is
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
)
SELECT id FROM changed
