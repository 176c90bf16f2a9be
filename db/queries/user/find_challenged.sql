-- As find_credentials.sql, by id.
SELECT u.id, u.username, u.email, u.display_name, u.role, a.status, a.balance, u.created_at,
       u.updated_at, u.password_hash
FROM users u
JOIN account_states a ON a.id = u.id
WHERE u.id = $1::uuid AND u.factor_since IS NOT NULL
