-- row: id uuid, role text, factor_version bigint
SELECT id, role, factor_version FROM users WHERE email = $1::text
