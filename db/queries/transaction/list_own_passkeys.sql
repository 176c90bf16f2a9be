-- row: credential_id bytea, transports text
SELECT credential_id, transports
FROM passkeys
WHERE user_id = $1::uuid
ORDER BY created_at, id
LIMIT 100
