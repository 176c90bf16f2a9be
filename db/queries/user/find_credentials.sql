SELECT u.id, u.username, u.email, u.display_name, u.role, a.status, a.balance, u.created_at,
       u.updated_at, u.password_hash, u.factor_since IS NOT NULL AS has_factor,
       EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id) AS has_passkey,
       EXISTS (SELECT FROM totp_factors t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL) AS has_totp
FROM users u
JOIN account_states a ON a.id = u.id
WHERE u.email = $1::text
