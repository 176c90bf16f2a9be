-- Another mail that asks whether the address is theirs, one a minute, unless that is known; whether it is.
WITH who AS (
  SELECT id, email_verified_at IS NOT NULL AS verified FROM users WHERE id = $1::uuid AND erased_at IS NULL
), asked AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, expires_at)
  SELECT $2::uuid, 'verify_email/' || id || '/' || floor(extract(epoch FROM now()) / 60)::bigint, 'verify_email', id,
         now() + $3::integer * interval '1 second'
  FROM who
  WHERE NOT verified
  ON CONFLICT (event_key) DO NOTHING
)
SELECT verified FROM who
