-- Uses passkey $1 of user $2 with the counter $3, for who is first to answer the challenge with the hash $5. A counter
-- grows, unless the authenticator has none. The failures are forgotten.
-- row: was_first boolean, used boolean
WITH spent AS (
  INSERT INTO spent_challenges (challenge_hash, expires_at)
  VALUES ($5::bytea, $6::timestamptz)
  ON CONFLICT DO NOTHING
  RETURNING true
), used AS (
  UPDATE passkeys p
  SET sign_count = $3::bigint, backed_up = $4::boolean, last_used_at = now()
  FROM spent
  WHERE p.id = $1::uuid AND p.user_id = $2::uuid AND (p.sign_count < $3 OR (p.sign_count = 0 AND $3 = 0))
  RETURNING p.user_id
), forgiven AS (
  DELETE FROM factor_attempts a USING used u WHERE a.user_id = u.user_id
)
SELECT EXISTS (SELECT FROM spent) AS was_first, EXISTS (SELECT FROM used) AS used
