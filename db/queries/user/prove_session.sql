-- The session is proven by factor $3 from now on. Beside it what an access token needs, and what is left of the
-- session's life ($4 seconds in all). No row: it has ended.
WITH proven AS (
  UPDATE sessions SET factor = $3::text, factor_at = now()
  WHERE id = $2::uuid AND user_id = $1::uuid AND revoked_at IS NULL AND expires_at > now()
  RETURNING user_id, factor, factor_at, created_at
)
SELECT u.role, greatest(ceil(extract(epoch FROM p.created_at + $4::integer * interval '1 second' - now())), 1)::bigint,
       u.factor_version, u.factor_since IS NOT NULL, p.factor, p.factor_at, u.step_up_above, u.step_up_new_payees
FROM proven p
JOIN users u ON u.id = p.user_id
