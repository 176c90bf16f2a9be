-- Only while the password that was verified still is the password: a login that crosses a change
-- of password leaves no session behind. No row: read the credentials again.
WITH owner AS (
  SELECT id FROM users WHERE id = $1::uuid AND password_hash = $2::text FOR SHARE
), session AS (
  INSERT INTO sessions (id, user_id, user_agent, address, expires_at)
  SELECT $3::uuid, id, $4::text, $5::text, now() + $6::integer * interval '1 second' FROM owner
  RETURNING id, expires_at
)
INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
SELECT $7::bytea, id, expires_at FROM session
RETURNING session_id
