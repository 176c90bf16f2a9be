-- The passkey with this id of a credential, of whoever signs in with a second factor.
-- row: id uuid, user_id uuid, public_key bytea, backup_eligible boolean, sign_count bigint, factor_version bigint
SELECT p.id, p.user_id, p.public_key, p.backup_eligible, p.sign_count, u.factor_version
FROM passkeys p
JOIN users u ON u.id = p.user_id
WHERE p.credential_id = $1::bytea AND u.factor_since IS NOT NULL
