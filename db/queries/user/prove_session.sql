-- The session is proven by factor $3 from now on. Beside it what an access token needs, and what is left of the
-- session's life ($4 seconds in all). Only while the user's factors have the version $5: what was proven by a factor
-- that is removed meanwhile is not. No row: that, or the session has ended.
WITH owner AS (
  SELECT id FROM users WHERE id = $1::uuid AND factor_version = $5::bigint FOR SHARE
), proven AS (
  UPDATE sessions s SET factor = $3::text, factor_at = now()
  FROM owner o
  WHERE s.id = $2::uuid AND s.user_id = o.id AND s.revoked_at IS NULL AND s.expires_at > now()
  RETURNING s.id, s.user_id, s.factor, s.factor_at, s.created_at
)
SELECT u.role, greatest(ceil(extract(epoch FROM p.created_at + $4::integer * interval '1 second' - now())), 1)::bigint,
       u.factor_version, u.factor_since IS NOT NULL, p.factor, p.factor_at, u.step_up_above, u.step_up_new_payees,
       n.proven_at, u.pin_per_payment
FROM proven p
JOIN users u ON u.id = p.user_id
LEFT JOIN session_pins n ON n.session_id = p.id
