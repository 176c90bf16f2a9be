-- Enrolments that nobody confirmed in $1 seconds.
DELETE FROM totp_factors WHERE confirmed_at IS NULL AND created_at < now() - $1::integer * interval '1 second'
