-- Uses up the token $1, sets the password, ends every session and tells the user, all or nothing. The user's row is
-- locked first, so that of many links one comes after the other; the trigger users_password_changed uses up the
-- rest. Who has the link has the address; where a grant waits for that, the link of its own mail brings both. A
-- login with the old password that is under way right now is not seen here; the caller ends those sessions with
-- end_sessions.sql afterwards.
WITH owner AS (
  SELECT u.id
  FROM mail_tokens t
  JOIN users u ON u.id = t.user_id AND u.email = t.address
  JOIN accounts a ON a.id = u.id
  WHERE t.token_hash = $1::bytea AND u.role = 'user' AND a.status <> 2
  FOR NO KEY UPDATE OF u FOR SHARE OF a
), token AS (
  UPDATE mail_tokens t
  SET used_at = now()
  FROM owner o
  WHERE t.user_id = o.id AND t.token_hash = $1 AND t.purpose = 'password_reset' AND t.used_at IS NULL
    AND t.expires_at > now()
  RETURNING t.user_id
), changed AS (
  UPDATE users u
  SET password_hash = $2::text, updated_at = now(),
      email_verified_at = CASE WHEN NOT u.grant_due THEN coalesce(u.email_verified_at, now()) END
  FROM token t
  WHERE u.id = t.user_id
  RETURNING u.id
), ended AS (
  UPDATE sessions s SET revoked_at = now()
  FROM changed c
  WHERE s.user_id = c.id AND s.revoked_at IS NULL
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT id, 'password_changed', '' FROM changed
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT $3::uuid, 'password_changed/' || $3::uuid, 'password_changed', c.id, now() + interval '7 days'
  FROM changed c
)
SELECT id FROM changed
