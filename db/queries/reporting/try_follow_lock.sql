-- One process at a time is the follower $1, whichever service; a rebuild waits for the same lock.
-- row: ours boolean
SELECT pg_try_advisory_xact_lock(1919905904, $1::integer) AS ours
