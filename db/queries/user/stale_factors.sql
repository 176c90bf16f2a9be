-- Secrets that another key than $1 has sealed, of users after $2, a few at a time.
SELECT user_id, key_id, sealed_secret
FROM totp_factors
WHERE key_id <> $1::bytea AND user_id > $2::uuid
ORDER BY user_id
LIMIT 500
