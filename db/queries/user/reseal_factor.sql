-- The same secret under another key, unless it was changed meanwhile.
UPDATE totp_factors SET key_id = $3::bytea, sealed_secret = $4::bytea
WHERE user_id = $1::uuid AND sealed_secret = $2::bytea
RETURNING user_id
