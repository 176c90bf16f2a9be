-- By prefix of e-mail or user name. Ranges instead of LIKE, so that the prepared plan can use the
-- prefix indexes whatever the text; both columns are ASCII, so chr(127) ends the range.
SELECT u.id, u.username, u.email, u.display_name, u.role, a.status, a.balance, u.created_at,
       u.updated_at
FROM (
  SELECT id FROM users WHERE email ~>=~ $1::text AND email ~<~ ($1::text || chr(127))
  UNION
  SELECT id FROM users WHERE username ~>=~ $1::text AND username ~<~ ($1::text || chr(127))
) AS found
JOIN users u ON u.id = found.id
JOIN account_states a ON a.id = u.id
WHERE ($2::uuid IS NULL OR u.id < $2::uuid)
  AND ($4::smallint IS NULL OR a.status = $4::smallint)
ORDER BY u.id DESC
LIMIT $3::integer
