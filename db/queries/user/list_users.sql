-- Newest first: an id begins with its time.
SELECT u.id, u.username, u.email, u.display_name, u.role, a.status, a.balance, u.created_at,
       u.updated_at
FROM users u
JOIN account_states a ON a.id = u.id
WHERE ($1::uuid IS NULL OR u.id < $1::uuid)
  AND ($3::smallint IS NULL OR a.status = $3::smallint)
ORDER BY u.id DESC
LIMIT $2::integer
