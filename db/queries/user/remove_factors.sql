-- Signing in asks for the password alone again, and no session is proven by what is gone: where staff must have a
-- factor, they have to set one up anew. The trigger users_factors_off removes the passkeys. Where mail is sent ($2), the user is told.
WITH owner AS (
  UPDATE users
  SET factor_since = NULL, factor_version = factor_version + 1, role_changed_at = clock_timestamp(),
      step_up_above = NULL, step_up_new_payees = false, pin_per_payment = NULL, pin_per_day = NULL
  WHERE id = $1::uuid AND factor_since IS NOT NULL
  RETURNING id
), unproven AS (
  UPDATE sessions s SET factor = NULL, factor_at = NULL
  FROM owner o
  WHERE s.user_id = o.id AND s.factor IS NOT NULL
), factors AS (
  DELETE FROM totp_factors t USING owner o WHERE t.user_id = o.id
), codes AS (
  DELETE FROM recovery_codes r USING owner o WHERE r.user_id = o.id
), attempts AS (
  DELETE FROM factor_attempts a USING owner o WHERE a.user_id = o.id
), noted AS (
  INSERT INTO user_events (user_id, kind, details) SELECT id, 'factors_removed', '' FROM owner
), told AS (
  INSERT INTO mail_outbox (id, event_key, kind, user_id, details, expires_at)
  SELECT gen_random_uuid(), 'factors_removed/' || gen_random_uuid(), 'factors_removed', o.id, '', now() + interval '7 days'
  FROM owner o
  WHERE $2::boolean
)
SELECT id FROM owner
