-- The enrolment that waits to be confirmed, for $2 seconds.
SELECT id, key_id, sealed_secret
FROM totp_factors
WHERE user_id = $1::uuid AND confirmed_at IS NULL AND created_at > now() - $2::integer * interval '1 second'
