SELECT u.id, u.username, u.email, u.display_name, u.role, a.status, a.balance, u.created_at,
       u.updated_at, u.renamed_at, u.email_verified_at IS NOT NULL, a.held, a.frozen_by_owner
FROM users u
JOIN account_states a ON a.id = u.id
WHERE u.id = $1::uuid
