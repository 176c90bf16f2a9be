-- The code of step $3, unless that or a later one was used: whoever is first. The failures are forgotten.
WITH used AS (
  UPDATE totp_factors SET last_step = $3::bigint
  WHERE user_id = $1::uuid AND id = $2::uuid AND confirmed_at IS NOT NULL AND last_step < $3::bigint
  RETURNING user_id
), forgiven AS (
  DELETE FROM factor_attempts a USING used u WHERE a.user_id = u.user_id
)
SELECT user_id FROM used
