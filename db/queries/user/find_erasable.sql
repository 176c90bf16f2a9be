-- row: id uuid, status smallint, balance bigint, erased_at timestamptz?
SELECT u.id, a.status, a.balance, u.erased_at
FROM users u
JOIN account_states a ON a.id = u.id
WHERE u.id::text = $1::text OR u.email = $1::text OR u.username = $1::text
