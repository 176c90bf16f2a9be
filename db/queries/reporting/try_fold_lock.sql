-- One folds at a time, whichever service; a rebuild waits for the same lock.
SELECT pg_try_advisory_xact_lock(1919905904, 0)
