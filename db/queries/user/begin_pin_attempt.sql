-- Counts the attempt as wrong before it is made: one row, one lock, so of ten at once five begin. `begun` is false where
-- there were five wrong ones in a row, or fifteen in all. Beside it the sealed hash, how many attempts are left should
-- this one be wrong, and the version of the user's factors. No row: this session has no PIN.
-- row: begun boolean, pin_id uuid, key_id bytea?, sealed_hash bytea?, attempts_left integer, factor_version bigint
WITH begun AS (
  UPDATE session_pins SET failures = failures + 1, misses = misses + 1
  WHERE session_id = $2::uuid AND user_id = $1::uuid AND failures < 5 AND misses < 15 AND locked_at IS NULL
  RETURNING id, key_id, sealed_hash, failures, misses
)
SELECT b.id IS NOT NULL AS begun, coalesce(b.id, p.id) AS pin_id, b.key_id, b.sealed_hash,
       least(5 - coalesce(b.failures, 5), 15 - coalesce(b.misses, 15)) AS attempts_left, u.factor_version
FROM session_pins p
JOIN users u ON u.id = p.user_id
LEFT JOIN begun b ON true
WHERE p.session_id = $2 AND p.user_id = $1
