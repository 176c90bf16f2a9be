-- What these accounts prove themselves with.
-- row: id uuid, account_id uuid, is_key boolean, public_key text?, created_at timestamptz, last_used_at timestamptz?
SELECT id, account_id, public_key IS NOT NULL AS is_key, public_key, created_at, last_used_at
FROM service_credentials
WHERE account_id = ANY ($1::uuid[]) AND revoked_at IS NULL
ORDER BY account_id, created_at, id
LIMIT 200
