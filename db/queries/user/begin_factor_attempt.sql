-- Counts the attempt as failed before it is made, so that many at once cannot all slip through: one row, one lock.
-- From the $2th failure in a row on, the next has to wait: $3 seconds, twice as long each time, $4 at most.
-- `begun` is false while it has to; `wait_s` is for how long yet. Beside it the factor of an app, and the version of
-- the user's factors. No row: there is no factor.
WITH begun AS (
  INSERT INTO factor_attempts AS a (user_id, failures)
  SELECT id, 1 FROM users WHERE id = $1::uuid AND factor_since IS NOT NULL
  ON CONFLICT (user_id) DO UPDATE
  SET failures = a.failures + 1,
      locked_until = CASE WHEN a.failures + 1 >= $2::integer THEN
        now() + least($3::integer * power(2, least(a.failures + 1 - $2::integer, 30)), $4::integer)
                * interval '1 second' END
  WHERE a.locked_until IS NULL OR a.locked_until <= now()
  RETURNING user_id
)
SELECT EXISTS (SELECT FROM begun) AS begun,
       greatest(ceil(extract(epoch FROM a.locked_until - now())), 1)::bigint AS wait_s,
       t.id, t.key_id, t.sealed_secret, u.factor_version
FROM users u
LEFT JOIN factor_attempts a ON a.user_id = u.id
LEFT JOIN totp_factors t ON t.user_id = u.id AND t.confirmed_at IS NOT NULL
WHERE u.id = $1::uuid AND u.factor_since IS NOT NULL
