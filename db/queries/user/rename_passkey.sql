-- row: like list_passkeys
UPDATE passkeys SET name = $3::text
WHERE id = $2::uuid AND user_id = $1::uuid
RETURNING id, credential_id, transports, name, backed_up, created_at, last_used_at, copied_at
