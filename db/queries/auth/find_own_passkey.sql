-- The passkey of user $1 with this id of a credential.
-- row: id uuid, public_key bytea, backup_eligible boolean
SELECT id, public_key, backup_eligible
FROM passkeys
WHERE user_id = $1::uuid AND credential_id = $2::bytea
