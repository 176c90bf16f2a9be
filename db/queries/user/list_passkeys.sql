-- row: id uuid, credential_id bytea, transports text, name text, backed_up boolean, created_at timestamptz, last_used_at timestamptz?, copied_at timestamptz?
SELECT id, credential_id, transports, name, backed_up, created_at, last_used_at, copied_at
FROM passkeys
WHERE user_id = $1::uuid
ORDER BY created_at, id
LIMIT 100
