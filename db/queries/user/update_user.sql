-- What is NULL stays. A wallet's status is written with its version, so that the ledger notices.
-- Closing a wallet ends its user's sessions. Sessions outlive a change of role: their access tokens
-- do not (recent_revocations.sql), and the next refresh brings the new role.
WITH before AS (
  SELECT id, role FROM users WHERE id = $1::uuid FOR UPDATE
), changed AS (
  UPDATE users u
  SET display_name = coalesce($2::text, u.display_name),
      username = coalesce($3::text, u.username),
      role = coalesce($4::text, u.role),
      role_changed_at = CASE WHEN b.role <> $4::text THEN now() ELSE u.role_changed_at END,
      updated_at = now()
  FROM before b
  WHERE u.id = b.id
  RETURNING u.*
), wallet AS (
  UPDATE accounts a
  SET status = $5::smallint, version = a.version + 1
  FROM before b
  WHERE a.id = b.id AND a.status <> $5::smallint
), ended AS (
  UPDATE sessions s
  SET revoked_at = now()
  FROM before b
  WHERE s.user_id = b.id AND s.revoked_at IS NULL AND $5::smallint = 2
)
SELECT c.id, c.username, c.email, c.display_name, c.role, coalesce($5::smallint, a.status),
       a.balance, c.created_at, c.updated_at
FROM changed c
JOIN accounts a ON a.id = c.id
