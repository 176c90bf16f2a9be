-- The code with this hash, unless it was used: whoever is first. The failures are forgotten.
WITH used AS (
  UPDATE recovery_codes SET used_at = now()
  WHERE user_id = $1::uuid AND code_hash = $2::bytea AND used_at IS NULL
  RETURNING user_id
), forgiven AS (
  DELETE FROM factor_attempts a USING used u WHERE a.user_id = u.user_id
)
SELECT user_id FROM used
