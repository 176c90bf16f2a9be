-- The counter $3 that passkey $1 of user $2 showed is not above what it was: somebody has a copy. No row: it is gone.
-- row: id uuid
UPDATE passkeys SET copied_at = now()
WHERE id = $1::uuid AND user_id = $2::uuid AND sign_count >= $3::bigint
RETURNING id
