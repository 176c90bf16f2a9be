-- The attempt was not made: no hash was computed, so nothing was learned.
-- row: session_id uuid
UPDATE session_pins SET failures = greatest(failures - 1, 0), misses = misses - 1
WHERE session_id = $1::uuid AND id = $2::uuid AND misses > 0 AND locked_at IS NULL
RETURNING session_id
