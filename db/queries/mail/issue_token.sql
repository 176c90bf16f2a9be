-- The token of a link that is about to be sent ($5 is when the mail was asked for, $6 how long it is good from then).
INSERT INTO mail_tokens (token_hash, purpose, user_id, address, expires_at)
SELECT $1::bytea, $2::text, $3::uuid, $4::text, $5::timestamptz + $6::integer * interval '1 second'
RETURNING token_hash
