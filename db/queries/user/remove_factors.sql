-- Signing in asks for the password alone again.
WITH owner AS (
  UPDATE users
  SET factor_since = NULL, factor_version = factor_version + 1, role_changed_at = clock_timestamp(),
      step_up_above = NULL, step_up_new_payees = false
  WHERE id = $1::uuid AND factor_since IS NOT NULL
  RETURNING id
), factors AS (
  DELETE FROM totp_factors t USING owner o WHERE t.user_id = o.id
), codes AS (
  DELETE FROM recovery_codes r USING owner o WHERE r.user_id = o.id
), attempts AS (
  DELETE FROM factor_attempts a USING owner o WHERE a.user_id = o.id
)
SELECT id FROM owner
