-- The token of a link that is about to be sent ($5 is when the mail was asked for, $6 how long it is good from then).
-- No row: the user was erased, or has another address, since the mail was taken, or nothing comes any more of the
-- change of address $7 that it is about.
INSERT INTO mail_tokens (token_hash, purpose, user_id, address, expires_at, email_change_id)
SELECT $1::bytea, $2::text, u.id, $4::text, $5::timestamptz + $6::integer * interval '1 second', $7::uuid
FROM users u
WHERE u.id = $3::uuid AND u.erased_at IS NULL
  AND CASE WHEN $7 IS NULL THEN u.email = $4
           ELSE EXISTS (SELECT FROM email_changes c WHERE c.id = $7 AND c.ended_at IS NULL) END
FOR KEY SHARE
RETURNING token_hash
