-- The token of a link that is about to be sent ($5 is when the mail was asked for, $6 how long it is good from then).
-- No row: the user was erased, or has another address, since the mail was taken.
INSERT INTO mail_tokens (token_hash, purpose, user_id, address, expires_at)
SELECT $1::bytea, $2::text, u.id, u.email, $5::timestamptz + $6::integer * interval '1 second'
FROM users u
WHERE u.id = $3::uuid AND u.email = $4::text AND u.erased_at IS NULL
FOR KEY SHARE
RETURNING token_hash
