-- Only while the password that was verified still is the password, and the account is not closed: a login
-- that crosses a change of password or a closing leaves no session behind. No row: read the credentials
-- again. Beside it, how many sessions ended because there may be $9 at once.
WITH owner AS (
  SELECT u.id
  FROM users u
  JOIN accounts a ON a.id = u.id
  WHERE u.id = $1::uuid AND u.password_hash = $2::text AND a.status <> 2
  FOR NO KEY UPDATE OF u FOR SHARE OF a
), trimmed AS (
  SELECT id, end_oldest_sessions(id, $9::integer - 1) AS ended FROM owner
), session AS (
  INSERT INTO sessions (id, user_id, user_agent, address, expires_at)
  SELECT $3::uuid, id, $4::text, $5::text,
         now() + least($6::integer, $8::integer) * interval '1 second'
  FROM trimmed
  WHERE ended IS NOT NULL
  RETURNING id, expires_at
), token AS (
  INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
  SELECT $7::bytea, id, expires_at FROM session
)
SELECT s.id, t.ended FROM session s CROSS JOIN trimmed t
