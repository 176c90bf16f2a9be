-- The address that user $1 has asked for and not confirmed yet.
-- row: address text, expires_at timestamptz
SELECT new_address AS address, asked_at + email_change_life() AS expires_at
FROM email_changes
WHERE user_id = $1::uuid AND confirmed_at IS NULL AND ended_at IS NULL AND asked_at > now() - email_change_life()
