SELECT pg_advisory_xact_lock(1919905904, 0)
