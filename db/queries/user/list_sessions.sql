-- row: id uuid, user_agent text, address text, created_at timestamptz, last_used_at timestamptz, expires_at timestamptz,
--      factor text?, factor_at timestamptz?
SELECT id, user_agent, address, created_at, last_used_at, expires_at, factor, factor_at
FROM sessions
WHERE user_id = $1::uuid AND revoked_at IS NULL AND expires_at > now()
ORDER BY last_used_at DESC, id
LIMIT $2::integer
