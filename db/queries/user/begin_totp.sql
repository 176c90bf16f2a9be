-- Begins an enrolment anew, in place of one that was not confirmed. No row: there is one that was.
INSERT INTO totp_factors (user_id, id, key_id, sealed_secret)
VALUES ($1::uuid, $2::uuid, $3::bytea, $4::bytea)
ON CONFLICT (user_id) DO UPDATE
SET id = excluded.id, key_id = excluded.key_id, sealed_secret = excluded.sealed_secret, last_step = 0,
    created_at = now()
WHERE totp_factors.confirmed_at IS NULL
RETURNING user_id
