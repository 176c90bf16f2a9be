UPDATE sessions SET revoked_at = now()
WHERE id = $2::uuid AND user_id = $1::uuid AND revoked_at IS NULL AND expires_at > now()
RETURNING id
