-- From now on signing in asks for it, and access tokens that do not know of it are refused. The step of the code
-- that confirmed it is used; this session is proven by it; the recovery codes are new; where mail is sent ($6), the user
-- is told. The user's row is locked first, as a login locks it.
WITH owner AS (
  SELECT id FROM users WHERE id = $1::uuid AND erased_at IS NULL FOR NO KEY UPDATE
), confirmed AS (
  UPDATE totp_factors t SET confirmed_at = now(), last_step = $3::bigint
  FROM owner o
  WHERE t.user_id = o.id AND t.id = $2::uuid AND t.confirmed_at IS NULL
  RETURNING t.user_id
), marked AS (
  UPDATE users u
  SET factor_since = now(), factor_version = factor_version + 1, role_changed_at = clock_timestamp()
  FROM confirmed c
  WHERE u.id = c.user_id
), proven AS (
  UPDATE sessions s SET factor = 'totp', factor_at = now()
  FROM confirmed c
  WHERE s.id = $4::uuid AND s.user_id = c.user_id
), forgotten AS (
  DELETE FROM recovery_codes r USING confirmed c WHERE r.user_id = c.user_id
), codes AS (
  INSERT INTO recovery_codes (user_id, code_hash)
  SELECT c.user_id, h.hash FROM confirmed c CROSS JOIN unnest($5::bytea[]) AS h (hash)
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT user_id, 'app_added', '' FROM confirmed
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'app_added/' || gen_random_uuid(), 'app_added', c.user_id, '', now() + interval '7 days'
  FROM confirmed c
  WHERE $6::boolean
)
SELECT user_id FROM confirmed
