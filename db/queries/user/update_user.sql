-- What is NULL stays. A wallet's status is written with its version, so that the ledger notices.
-- Who gets another role or is closed has to log in again: access tokens carry the role.
WITH before AS (
  SELECT id, role FROM users WHERE id = $1::uuid FOR UPDATE
), changed AS (
  UPDATE users u
  SET display_name = coalesce($2::text, u.display_name),
      username = coalesce($3::text, u.username),
      role = coalesce($4::text, u.role),
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
  WHERE s.user_id = b.id AND s.revoked_at IS NULL AND (b.role <> $4::text OR $5::smallint = 2)
)
SELECT c.id, c.username, c.email, c.display_name, c.role, coalesce($5::smallint, a.status),
       a.balance, c.created_at, c.updated_at
FROM changed c
JOIN accounts a ON a.id = c.id
