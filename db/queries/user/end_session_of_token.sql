UPDATE sessions s SET revoked_at = now()
FROM refresh_tokens t
WHERE t.token_hash = $1::bytea AND s.id = t.session_id AND s.revoked_at IS NULL
RETURNING s.id
