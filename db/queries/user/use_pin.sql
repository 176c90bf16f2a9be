-- The PIN $3 of session $2 was shown: the wrong ones in a row are forgotten, those in all are not. Beside it what
-- prove_session.sql answers. Only while it is the one that was verified and not locked, and the user's factors have the
-- version $5. No row: that, or the session has ended.
WITH owner AS (
  SELECT id FROM users WHERE id = $1::uuid AND factor_version = $5::bigint AND factor_since IS NOT NULL FOR SHARE
), session AS (
  SELECT s.id, s.user_id, s.factor, s.factor_at, s.created_at
  FROM sessions s
  JOIN owner o ON o.id = s.user_id
  WHERE s.id = $2::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
  FOR SHARE OF s
), proven AS (
  UPDATE session_pins p SET failures = 0, misses = greatest(p.misses - 1, 0), last_used_at = now(), proven_at = now()
  FROM session s
  WHERE p.session_id = s.id AND p.user_id = s.user_id AND p.id = $3::uuid AND p.locked_at IS NULL
  RETURNING p.session_id, p.proven_at
)
SELECT u.role, greatest(ceil(extract(epoch FROM s.created_at + $4::integer * interval '1 second' - now())), 1)::bigint,
       u.factor_version, u.factor_since IS NOT NULL, s.factor, s.factor_at, u.step_up_above, u.step_up_new_payees,
       p.proven_at, u.pin_per_payment
FROM proven p
JOIN session s ON s.id = p.session_id
JOIN users u ON u.id = s.user_id
